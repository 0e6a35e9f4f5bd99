"""Verdicts and levels: what an assessment says, as values that every output renders."""

from enum import StrEnum
from typing import Literal

import msgspec

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind, Value


class Verdict(StrEnum):
    """How one criterion stands. Only `met` proves; four block without blame."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    STALE = "stale"
    CONTESTED = "contested"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"
    EXEMPT = "exempt"


BLAMELESS = frozenset({Verdict.UNKNOWN, Verdict.STALE, Verdict.CONTESTED, Verdict.ERROR})
"""Verdicts that block a level like `unmet` and are listed apart: nothing bad was seen."""


class ThresholdResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One threshold with the value filled in. `low` and `high` bound a sample's share.

    `holds` is None when the value is not known.
    """

    name: str
    wanted: str
    found: Value | None
    low: float | None = None
    high: float | None = None
    holds: bool | None = None


class NeedResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One need of a criterion and the record that answers it. Ages are in days."""

    name: str
    probe: str
    verdict: Verdict
    reason: str
    wanted_depth: Depth
    depth: Depth | None = None
    kinds: tuple[Kind, ...] = ()
    assurance: Assurance | None = None
    thresholds: tuple[ThresholdResult, ...] = ()
    places: tuple[Place, ...] = ()
    evidence: str | None = None
    observed_at: str | None = None
    age_days: float | None = None
    valid_to: str | None = None
    redundant: bool = False
    """The need would stand the same without the record named."""


class CriterionResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One criterion judged. `held_since` is from when on it was met at every observation."""

    id: str
    statement: str
    level: int
    origin: str
    verdict: Verdict
    reason: str
    needs: tuple[NeedResult, ...]
    provisional: bool = False
    held_since: str | None = None
    exemption: str | None = None
    exemption_ends: str | None = None
    added: bool = False
    """An organisation's own row: it is required, and adds no credit."""
    hits: tuple[str, ...] = ()
    """Ids of integrity hits that removed credit."""


class DimensionResult(msgspec.Struct, frozen=True, kw_only=True):
    """One dimension of one model. `measured` is what today's evidence proves.

    `confirmed` is what the last assessment confirmed; None before the first. `capped` says why a
    level is held down although its criteria are met. `risk` is the level's risk in the source's
    words.
    """

    id: str
    name: str
    measured: int
    level_id: str
    level_name: str
    risk: str
    criteria: tuple[CriterionResult, ...]
    confirmed: int | None = None
    confirmed_until: str | None = None
    confirmed_lapsed: bool = False
    capped: str | None = None
    exempt: int = 0
    first_exemption_ends: str | None = None
    blocking: tuple[str, ...] = ()
    """Ids of the criteria that keep the next level away, in the model's order."""
    firm: int | None = None
    """The level without what integrity detectors made provisional: only this is confirmed."""


class ModelResult(msgspec.Struct, frozen=True, kw_only=True):
    """One model over one subject: a vector, never a mean. `weakest` names the lowest dimensions.

    With `complete` false a required probe failed by a defect or did not run: no level is
    published, and `dimensions` tell how far it got.
    """

    model: str
    version: str
    digest: str
    name: str
    complete: bool
    weakest: tuple[str, ...]
    dimensions: tuple[DimensionResult, ...]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """What an integrity detector noticed. It speaks of evidence, never of a person.

    `probes` are those whose records lose credit. A hit only removes credit.
    """

    detector: str
    indicator: str
    strength: Literal["weak", "medium", "strong"]
    action: Literal["note", "provisional", "contested", "excluded"]
    innocent: str
    remedy: str
    probes: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    evidence: tuple[str, ...] = ()


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an assessment says about one subject, reproducible from what it names.

    `evidence_root` is the digest of the sorted record ids, `models` and `probes` the digests of
    the definitions that judged.
    """

    schema: Literal["pawl.assess/1"] = "pawl.assess/1"
    subject: str
    as_of: str
    commit: str | None
    tree: str | None
    engine: str
    probes_digest: str
    thresholds_digest: str
    evidence_root: str
    ledger_checkpoint: str | None = None
    models: tuple[ModelResult, ...]
    hits: tuple[Hit, ...] = ()
    exemptions_expired: tuple[str, ...] = ()
    exemptions_refused: tuple[str, ...] = ()
    """Entries of the register that do not count, as `id: reason`."""
    probes_run: int = 0
    probes_cannot_tell: int = 0
    not_looked_at: tuple[str, ...] = ()


def levels_of(assessment: Assessment) -> dict[str, dict[str, int] | None]:
    """Return the measured levels by model and dimension; None for a model that published none."""
    return {
        model.model: {each.id: each.measured for each in model.dimensions}
        if model.complete
        else None
        for model in assessment.models
    }
