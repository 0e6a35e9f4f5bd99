"""Assess one repository: gather facts, ask the probes, look for tricks, judge by the base's rules.

The definitions that judge are the base version's: models, exemptions and numbers as they stood
before the change that is assessed. What the change edits about them is noted, and takes effect
once it is part of the base.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.canonical import digest, sha256_hex
from pawl.base.errors import BadValue
from pawl.base.loading import load_yaml
from pawl.maturity.assess import About
from pawl.maturity.confirm import Confirmed
from pawl.maturity.detector import Detector, Look
from pawl.maturity.dossier import FreshnessEvent
from pawl.maturity.engine_numbers import EngineNumbers, load_numbers
from pawl.maturity.evidence import Record
from pawl.maturity.exemption import Register
from pawl.maturity.extract import Extract
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.practice import Practice
from pawl.maturity.facts.tree import Tree, TreeFile
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.loading import load_model, load_overlay, tightened
from pawl.maturity.model import Model
from pawl.maturity.probe import Probe, ask
from pawl.maturity.survey import Survey
from pawl.maturity.verdict import Assessment, Hit
from pawl.services.exports import ExportFile
from pawl.services.gathering import Gathered, gather
from pawl.services.kept_file import Storage
from pawl.services.over_time import gaps_of, seen_before, series_of
from pawl.services.tree_reading import Beside, Progress, Source

POLICY = ".pawl/"
REGISTER = ".pawl/exemptions.yaml"
OVERLAYS = ".pawl/models/"
_POLICY_BYTES = 1024 * 1024
_GRAVE = 2
"""The mildest severity that calls for a postmortem, and so for a new look."""


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """The definitions that come with Pawl, as text: models by id, engine and detector numbers.

    `digest` names the probes, extracts and detectors as they are written.
    """

    models: Mapping[str, str]
    numbers: str
    thresholds: str
    digest: str
    engine: str


class Plugins(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is found by discovery, by id."""

    probes: Mapping[str, Probe]
    extracts: Mapping[str, Extract]
    detectors: Mapping[str, Detector]
    surveys: Mapping[str, Survey] = {}


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded before: evidence of this subject and of others, and confirmed levels."""

    records: tuple[Record, ...] = ()
    others: Mapping[str, tuple[Record, ...]] = {}
    confirmed: tuple[Confirmed, ...] = ()
    checkpoint: str | None = None
    seen: Mapping[str, str] = {}
    """Commits of the default branch that were assessed, and when each was committed.

    Empty where today's commit is not one of that branch, and so cannot be compared.
    """
    later: int = 0
    """Records first seen after the time that is assessed: the clock is behind, or was ahead."""


class Definitions(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that judge: models with their overlays, the base's register, and the numbers.

    `edited` are the definitions that differ between the base and what is assessed.
    """

    models: tuple[Model, ...]
    register: Register | None
    numbers: EngineNumbers
    thresholds: Mapping[str, Mapping[str, Any]]
    thresholds_digest: str
    edited: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment with everything it was made of, so that it can be made again.

    `records` are today's, one a probe; `inputs` hold them and the earlier ones.
    """

    assessment: Assessment
    inputs: Inputs
    records: tuple[Record, ...]
    definitions: Definitions
    gathered: Gathered
    later: int = 0
    """Records that were left out, because they were first seen after the assessment's time."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to know. `models` are ids; empty means all that come with Pawl.

    `assessed_on` is the day of a formal assessment, where one is due.
    """

    models: tuple[str, ...] = ()
    assessed_on: str | None = None
    history_days: int = 365


def assess_source(
    source: Source,
    base: Source | None,
    asked: Asked,
    *,
    pack: Pack,
    plugins: Plugins,
    now: str,
    before: Callable[[str], Before],
    exports: Sequence[ExportFile] = (),
    practice: Callable[[], Practice | Absent] | None = None,
    operated: Callable[[], Operations | None] | None = None,
    storage: Storage | None = None,
    progress: Progress | None = None,
    beside: Beside | None = None,
) -> Made:
    """Return where a repository stands at a canonical time.

    `base` is the version whose definitions judge; None where there is none, and then no
    exemption counts. `before` is asked for the subject's past. Raises BadFile for a definition
    that does not load and BadValue for a model that nobody defines.
    """
    definitions = read_definitions(pack, base, source, asked.models, storage)
    gathered = gather(
        source,
        now=now,
        extracts=plugins.extracts,
        surveys=plugins.surveys,
        exports=exports,
        practice=practice,
        operated=operated,
        storage=storage,
        progress=progress,
        beside=beside,
        history_days=asked.history_days,
    )
    facts = gathered.facts
    earlier = before(facts.subject)
    records = tuple(ask(name, probe, facts) for name, probe in sorted(plugins.probes.items()))
    hits = look_for_tricks(
        plugins.detectors, definitions, facts, records, earlier, assessed_on=asked.assessed_on
    )
    inputs = Inputs(
        about=About(
            subject=facts.subject,
            as_of=now,
            commit=source.commit,
            tree=source.tree,
            engine=pack.engine,
            probes_digest=pack.digest,
            thresholds_digest=definitions.thresholds_digest,
            ledger_checkpoint=earlier.checkpoint,
            not_looked_at=_not_looked_at(facts, gathered.notes),
        ),
        models=definitions.models,
        records=(*earlier.records, *records),
        numbers=definitions.numbers,
        hits=hits,
        events=_events(facts),
        register=definitions.register,
        confirmed=earlier.confirmed,
    )
    return Made(
        assessment=made_again(inputs),
        inputs=inputs,
        records=records,
        definitions=definitions,
        gathered=gathered,
        later=earlier.later,
    )


def look_for_tricks(
    detectors: Mapping[str, Detector],
    definitions: Definitions,
    facts: Facts,
    records: Sequence[Record],
    before: Before,
    *,
    assessed_on: str | None = None,
) -> tuple[Hit, ...]:
    """Return what every detector noticed, in the order of their codes."""
    series, gaps, seen = series_of(facts), gaps_of(facts), seen_before(facts, before.seen)
    serves: dict[str, list[str]] = {}
    levels: dict[str, int] = {}
    pairs: dict[str, list[str]] = {}
    for model in definitions.models:
        for criterion in model.criteria:
            levels[criterion.id] = criterion.level
            for pair in criterion.pairs:
                pairs.setdefault(pair, []).append(criterion.id)
            for need in criterion.needs.values():
                serves.setdefault(need.probe, []).append(criterion.id)
    found: list[Hit] = []
    for detector in sorted(detectors.values(), key=lambda each: each.code):
        found += detector.look(
            Look(
                facts=facts,
                records={record.probe: record for record in records},
                past=before.records,
                numbers=definitions.thresholds.get(detector.code, {}),
                serves={probe: tuple(ids) for probe, ids in serves.items()},
                levels=levels,
                edited=definitions.edited,
                assessed_on=assessed_on,
                others=before.others,
                team=definitions.register.assessed if definitions.register else (),
                pairs={pair: tuple(ids) for pair, ids in pairs.items()},
                series=series,
                gaps=gaps,
                seen_commits=seen,
            )
        )
    return tuple(found)


def read_definitions(
    pack: Pack,
    base: Source | None,
    head: Source | None,
    wanted: Sequence[str] = (),
    storage: Storage | None = None,
) -> Definitions:
    """Return the rules that judge: ours, made stricter by the base version's overlays.

    `storage` keeps our models as they were read, since reading YAML takes longer than judging.
    """
    policy = {} if base is None else _policy(base)
    models = _own_models(pack, storage)
    notes: list[str] = []
    for path, text in policy.items():
        if path.startswith(OVERLAYS):
            overlay = load_overlay(text, place=path)
            if overlay.model not in models:
                raise BadValue(
                    f"{overlay.model!r} is no model.",
                    place=path,
                    hint=f"Take one of: {', '.join(models)}.",
                )
            models[overlay.model] = tightened(models[overlay.model], overlay, place=path)
    register = None
    if REGISTER in policy:
        register = load_yaml(policy[REGISTER], Register, place=REGISTER)
    elif base is None and head is not None and any(_defining(head)):
        notes.append(
            "The definitions below .pawl have no agreed base version, so they do not count."
        )
    edited: tuple[str, ...] = ()
    if base is not None and head is not None and base.tree != head.tree:
        edited = _edited(base, head)
    return Definitions(
        models=tuple(_chosen(models, wanted)),
        register=register,
        numbers=load_numbers(pack.numbers),
        thresholds=load_yaml(pack.thresholds, Thresholds, place="thresholds.yaml").detectors,
        thresholds_digest=digest([pack.numbers, pack.thresholds]),
        edited=edited,
        notes=tuple(notes),
    )


def _own_models(pack: Pack, storage: Storage | None) -> dict[str, Model]:
    """Return the models that come with Pawl, as they were kept or read anew."""
    texts = "".join(pack.models.values())
    name = f"models-{sha256_hex((pack.engine + texts).encode())[:16]}"
    kept = _kept_models(storage, name)
    if kept is not None:
        return kept
    models = {name: load_model(text, place=f"{name}.yaml") for name, text in pack.models.items()}
    if storage is not None:
        # Another version of the models has another name; only what it says is trusted.
        content = msgspec.msgpack.encode(models)
        storage.replace(name, sha256_hex(content).encode() + content)
    return models


def _kept_models(storage: Storage | None, name: str) -> dict[str, Model] | None:
    kept = None if storage is None else storage.read(name)
    if kept is None or sha256_hex(kept[64:]).encode() != kept[:64]:
        return None  # What a crash or a disk has spoiled is read anew.
    try:
        return typed.unpack(kept[64:], type=dict[str, Model])
    except msgspec.DecodeError:
        return None


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The detectors' numbers, by their codes, each with its source."""

    schema: str
    version: str
    as_of: str
    sources: dict[str, str]
    detectors: dict[str, dict[str, Any]]


def _chosen(models: Mapping[str, Model], wanted: Sequence[str]) -> list[Model]:
    for name in wanted:
        if name not in models:
            raise BadValue(
                f"{name!r} is no model.",
                place="--model",
                hint=f"Take one of: {', '.join(models)}.",
            )
    return [model for name, model in models.items() if not wanted or name in wanted]


def _policy(source: Source) -> dict[str, str]:
    """Return the policy files of a version as text, by path."""
    files = [file for file in _defining(source) if file.size <= _POLICY_BYTES]
    return {
        file.path: content.decode("utf-8", "replace")
        for file, content in source.contents(files)
        if content is not None
    }


def _edited(base: Source, head: Source) -> tuple[str, ...]:
    """Return the definitions whose content differs between two versions, by path."""
    old = {file.path: file.blob for file in _defining(base)}
    new = {file.path: file.blob for file in _defining(head)}
    return tuple(sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path)))


def _defining(source: Source) -> list[TreeFile]:
    return [
        file
        for file in source.below(POLICY)
        if (file.path == REGISTER or _is_overlay(file.path)) and file.kind in ("file", "executable")
    ]


def _is_overlay(path: str) -> bool:
    return path.startswith(OVERLAYS) and path.endswith((".yaml", ".yml"))


def _events(facts: Facts) -> tuple[FreshnessEvent, ...]:
    """Return what ends the freshness of older evidence: grave incidents."""
    if isinstance(facts.operations, Absent):
        return ()
    return tuple(
        FreshnessEvent(
            name="incident",
            at=incident.opened_at,
            reason=f"Incident {incident.id} of severity {incident.severity} came after it.",
        )
        for incident in facts.operations.incidents or ()
        if incident.severity <= _GRAVE
    )


def _not_looked_at(facts: Facts, notes: Sequence[str]) -> tuple[str, ...]:
    told = list(notes)
    for name in ("tree", "history", "reports", "host", "operations", "practice"):
        section = getattr(facts, name)
        if isinstance(section, Absent):
            told.append(f"{name}: {section.reason} {section.hint}".strip())
    if isinstance(facts.tree, Tree) and facts.tree.skipped:
        count = len(facts.tree.skipped)
        first = facts.tree.skipped[0]
        told.append(f"tree: {count} files were not read, such as {first.path} ({first.reason}).")
    return tuple(told)
