"""Place one subject on maturity models: the vector of levels and everything behind it.

A level is measured when it and every level below it hold: no criterion blocks, at least one is
met, and enough of those that apply are met; what is exempt counts as neither. A level without
criteria in a dimension is passed through and never reported. Levels are never averaged. A model
whose probes failed, or of which nothing could be looked at, publishes no level.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.finding import Outcome
from pawl.maturity.compiled import CompiledModel
from pawl.maturity.confirm import Confirmed, current
from pawl.maturity.dossier import Dossier, FreshnessEvent
from pawl.maturity.engine_numbers import EngineNumbers
from pawl.maturity.evidence import Record
from pawl.maturity.exempting import (
    NO_EXEMPTIONS,
    Exempted,
    judge_register,
    level_allowance,
    set_aside,
)
from pawl.maturity.exemption import Register
from pawl.maturity.judge import judge_criterion
from pawl.maturity.model import Dimension
from pawl.maturity.settling import Terms, terms_of
from pawl.maturity.verdict import (
    Assessment,
    CriterionResult,
    DimensionResult,
    Hit,
    ModelResult,
    Verdict,
)

_PASSES = frozenset({Verdict.MET, Verdict.NOT_APPLICABLE, Verdict.EXEMPT})
_JSON = msgspec.json.Encoder()
_NO_LEVEL = "none yet"
"""The name of standing below the lowest level."""

Cells = Mapping[int, Sequence[CriterionResult]]
"""The criteria of one dimension by level."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is assessed, as of when, and by which definitions; copied into the assessment."""

    subject: str
    as_of: str
    commit: str | None = None
    tree: str | None = None
    engine: str = ""
    probes_digest: str = ""
    thresholds_digest: str = ""
    ledger_checkpoint: str | None = None
    not_looked_at: tuple[str, ...] = ()


def assess(
    about: About,
    models: Sequence[CompiledModel],
    records: Iterable[Record],
    numbers: EngineNumbers,
    *,
    hits: Iterable[Hit] = (),
    events: Sequence[FreshnessEvent] = (),
    register: Register | None = None,
    confirmed: Iterable[Confirmed] = (),
) -> Assessment:
    """Return where a subject stands on each model, with every reason.

    `register` is the base version's. `confirmed` is the history of confirmed levels; the newest
    of each dimension counts.
    """
    dossier = Dossier(about.subject, about.as_of, records, hits=hits, events=events)
    criteria = [criterion for each in models for criterion in each.model.criteria]
    exempted = (
        NO_EXEMPTIONS
        if register is None
        else judge_register(register, about.subject, criteria, about.as_of, numbers, events)
    )
    history = tuple(each for each in confirmed if each.subject == about.subject)
    terms = terms_of(numbers)
    latest = _newest(dossier)
    return Assessment(
        subject=about.subject,
        as_of=about.as_of,
        commit=about.commit,
        tree=about.tree,
        engine=about.engine,
        probes_digest=about.probes_digest,
        thresholds_digest=about.thresholds_digest,
        evidence_root=evidence_root(dossier.records),
        ledger_checkpoint=about.ledger_checkpoint,
        models=tuple(
            [judge_model(each, dossier, terms, numbers, exempted, history) for each in models]
        ),
        hits=dossier.hits,
        exemptions_expired=exempted.expired,
        exemptions_refused=exempted.refused,
        probes_run=len(latest),
        probes_cannot_tell=sum(each.outcome is Outcome.CANNOT_TELL for each in latest),
        not_looked_at=tuple(sorted(set(about.not_looked_at))),
    )


def evidence_root(ids: Iterable[str]) -> str:
    """Return the digest of the sorted record ids, as RFC 8785 writes a list of them."""
    return sha256_hex(_JSON.encode(sorted(ids)))


def judge_model(
    compiled: CompiledModel,
    dossier: Dossier,
    terms: Terms,
    numbers: EngineNumbers,
    exempted: Exempted = NO_EXEMPTIONS,
    history: Sequence[Confirmed] = (),
) -> ModelResult:
    """Return where the dossier's subject stands on one model."""
    model = compiled.model
    judged: dict[str, dict[int, tuple[CriterionResult, ...]]] = {
        dimension: {
            ordinal: tuple(
                [set_aside(judge_criterion(each, dossier, terms), exempted) for each in criteria]
            )
            for ordinal, criteria in cells.items()
        }
        for dimension, cells in compiled.cells.items()
    }
    over = _levels_over_allowance(judged.values(), numbers)
    dimensions = tuple(
        [
            _dimension(compiled, each, judged[each.id], over, numbers, history, dossier)
            for each in model.dimensions
        ]
    )
    lowest = min(each.measured for each in dimensions)
    return ModelResult(
        model=model.id,
        version=model.version,
        digest=model.digest,
        name=model.name,
        complete=_is_complete(compiled, judged.values(), dossier),
        weakest=tuple(each.id for each in dimensions if each.measured == lowest),
        dimensions=dimensions,
    )


def climb(
    compiled: CompiledModel, cells: Cells, *, firm: bool = False, below: int | None = None
) -> int:
    """Return the level that a dimension's criteria reach; `firm` leaves provisional ones out.

    `below` is an ordinal that it may not reach. Zero means that not even the lowest is proved;
    the lowest needs no proof where it has no criteria, since that is where everybody begins.
    """
    reached = 0 if compiled.base in cells else compiled.base
    for level in compiled.levels:
        if below is not None and level.ordinal >= below:
            break
        criteria = cells.get(level.ordinal)
        if not criteria:
            continue
        if not _holds(criteria, compiled.model.met_share, firm=firm):
            break
        reached = level.ordinal
    return reached


def _holds(criteria: Sequence[CriterionResult], met_share: float, *, firm: bool) -> bool:
    met = applicable = 0
    for each in criteria:
        if each.verdict not in _PASSES or (firm and each.provisional):
            return False
        if each.added:
            continue  # An easy row of one's own must not lift the share of what is met.
        met += each.verdict is Verdict.MET
        applicable += each.verdict is not Verdict.NOT_APPLICABLE
    return met >= 1 and met >= met_share * applicable


def _dimension(
    compiled: CompiledModel,
    dimension: Dimension,
    cells: Cells,
    over: Mapping[int, str],
    numbers: EngineNumbers,
    history: Sequence[Confirmed],
    dossier: Dossier,
) -> DimensionResult:
    free = climb(compiled, cells)
    cap, why = _cap(cells, over, numbers)
    measured = climb(compiled, cells, below=cap)
    level = compiled.level(measured)
    standing = current(history, compiled.model, dimension.id, dossier.now, numbers)
    exempt = [
        each
        for ordinal, criteria in cells.items()
        for each in criteria
        if ordinal <= measured and each.verdict is Verdict.EXEMPT
    ]
    ends = sorted(each.exemption_ends for each in exempt if each.exemption_ends is not None)
    return DimensionResult(
        id=dimension.id,
        name=dimension.name,
        measured=measured,
        level_id="" if level is None else level.id,
        level_name=_NO_LEVEL if level is None else level.name,
        risk="" if level is None else level.risk,
        criteria=tuple(each for criteria in cells.values() for each in criteria),
        confirmed=None if standing is None else standing.level,
        confirmed_until=None if standing is None else standing.until,
        confirmed_lapsed=standing is not None and standing.lapsed,
        capped=why if measured < free else None,
        exempt=len(exempt),
        first_exemption_ends=ends[0] if ends else None,
        blocking=_blocking(compiled, cells, measured),
        firm=climb(compiled, cells, firm=True, below=cap),
    )


def _blocking(compiled: CompiledModel, cells: Cells, measured: int) -> tuple[str, ...]:
    """Return the criteria of the next rated level that keep it away."""
    above = [level.ordinal for level in compiled.levels if level.ordinal > measured]
    following = next((ordinal for ordinal in above if cells.get(ordinal)), None)
    if following is None:
        return ()
    criteria = cells[following]
    blocking = tuple(each.id for each in criteria if each.verdict not in _PASSES)
    # Nothing blocks by itself: too few are met beside those that are exempt or do not apply.
    return blocking or tuple(each.id for each in criteria if each.verdict is not Verdict.MET)


def _levels_over_allowance(dimensions: Iterable[Cells], numbers: EngineNumbers) -> dict[int, str]:
    """Return the levels of a model with too many exempt criteria, and in which words."""
    of: dict[int, int] = {}
    exempt: dict[int, int] = {}
    for cells in dimensions:
        for ordinal, criteria in cells.items():
            of[ordinal] = of.get(ordinal, 0) + sum(not each.added for each in criteria)
            count = sum(each.verdict is Verdict.EXEMPT for each in criteria)
            exempt[ordinal] = exempt.get(ordinal, 0) + count
    return {
        ordinal: (
            f"{exempt[ordinal]} of the {count} criteria of level {ordinal} are exempt; "
            f"{level_allowance(count, numbers.exemptions)} may be."
        )
        for ordinal, count in of.items()
        if exempt[ordinal] > level_allowance(count, numbers.exemptions)
    }


def _cap(cells: Cells, over: Mapping[int, str], numbers: EngineNumbers) -> tuple[int | None, str]:
    """Return the level that exemptions keep a dimension below, and why."""
    limit = numbers.exemptions.live_per_dimension
    live = 0
    for ordinal in sorted(cells):
        here = sum(each.verdict is Verdict.EXEMPT for each in cells[ordinal])
        live += here
        if here and ordinal in over:
            return ordinal, over[ordinal]
        if live > limit:
            return ordinal, f"{live} exemptions are live in this dimension; {limit} may be."
    return None, ""


def _is_complete(compiled: CompiledModel, dimensions: Iterable[Cells], dossier: Dossier) -> bool:
    """Say whether a level may be published: no probe failed, and something was looked at."""
    failed = any(
        need.verdict is Verdict.ERROR
        for cells in dimensions
        for criteria in cells.values()
        for each in criteria
        for need in each.needs
    )
    return not failed and any(dossier.sight(probe).conclusive for probe in compiled.probes)


def _newest(dossier: Dossier) -> list[Record]:
    """Return the newest record of each probe, whatever it answered."""
    newest: dict[str, Record] = {}
    for record in dossier.records.values():
        held = newest.get(record.probe)
        if held is None or (held.observed_at, held.id) < (record.observed_at, record.id):
            newest[record.probe] = record
    return list(newest.values())
