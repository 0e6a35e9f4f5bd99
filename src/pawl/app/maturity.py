"""Wiring for maturity: what an assessment reads, judges by, and leaves in the records."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pawl import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pawl.maturity.evidence import Record
    from pawl.maturity.exempting import Standing
    from pawl.maturity.facts import Absent
    from pawl.maturity.facts.practice import Practice
    from pawl.maturity.fleet import Fleet
    from pawl.maturity.score import Score
    from pawl.services.assessing import Asked, Before, Made, Pack, Plugins
    from pawl.services.tree_reading import Progress
    from pawl.store.records.engine import Engine
    from pawl.store.records.evidence import EvidenceRecords
    from pawl.world.plain_folder import PlainFolder
    from pawl.world.repository import GitRepository

    Opened = GitRepository | PlainFolder

_MATURITY = Path(__file__).parents[1] / "maturity"


def definitions() -> Pack:
    """Return the definitions that come with Pawl."""
    from pawl.base.canonical import digest, sha256_hex
    from pawl.services.assessing import Pack

    written = {
        f"{folder}/{path.name}": sha256_hex(path.read_bytes())
        for folder in ("probes", "extracts", "detectors", "surveys", "../assets/rules")
        for path in sorted((_MATURITY / folder).glob("*.py"))
    }
    return Pack(
        models=model_texts(),
        numbers=own_text("engine.yaml"),
        thresholds=own_text("thresholds.yaml"),
        digest=digest(written),
        engine=f"pawl {__version__}",
    )


def model_texts() -> dict[str, str]:
    """Return the models that come with Pawl as text, by id, in the order they are shown."""
    from pawl.maturity.loading import MODELS

    return {name: own_text(f"models/{name}.yaml") for name in MODELS}


def plugins() -> Plugins:
    """Return every probe, extract and detector, third-party ones included."""
    from pawl.app import all_plugins
    from pawl.app.surveying import surveys
    from pawl.maturity import detectors, extracts, probes
    from pawl.maturity.detector import Detector
    from pawl.maturity.extract import Extract
    from pawl.maturity.probe import Probe
    from pawl.services.assessing import Plugins

    return Plugins(
        probes=all_plugins(probes, "PROBE", Probe),
        extracts=all_plugins(extracts, "EXTRACT", Extract),
        detectors=all_plugins(detectors, "DETECTOR", Detector),
        surveys=surveys(),
    )


def assess(
    folder: Path,
    place: Path,
    asked: Asked,
    *,
    at: str | None = None,
    base: str | None = None,
    evidence: Sequence[Path] = (),
    as_of: str | None = None,
    checkpoint: Path | None = None,
    record: bool = True,
    progress: Progress | None = None,
) -> Made:
    """Assess the repository that holds `place`; with `record`, keep the evidence in the records.

    `base` is the version whose definitions judge; without it, where the assessed commit left the
    default branch. `as_of` is a canonical time other than now, for which nothing is recorded.
    `checkpoint` is a file with the ledger's newest entry as it was kept elsewhere; raises BadFile
    where it holds none, and CannotTell where there is no ledger to compare with it.
    """
    from pawl.app import now
    from pawl.app.practice import machine_stores
    from pawl.app.practice_oncall import operated_at
    from pawl.base.times import format_time, parse_time
    from pawl.services.assessing import assess_source
    from pawl.services.gathering import subject_of as named
    from pawl.services.practice import place_of, read_practice
    from pawl.world.data_files import DataFiles
    from pawl.world.evidence_files import handed_over
    from pawl.world.repository import open_tree
    from pawl.world.second_reader import SecondReader

    if checkpoint is not None:
        _check_comparable(folder, checkpoint)
    url = os.environ.get("PAWL_RECORDS_URL")
    if url:
        _warm_up()
    today = as_of or now()
    since = format_time(parse_time(today) - timedelta(days=asked.history_days))
    with ExitStack() as closing:
        source = open_tree(place, at)
        closing.enter_context(source)
        left = source.base()
        on_default = left is not None and left == source.commit
        against = _judging(place, source, base or left, closing)
        stores = closing.enter_context(machine_stores(folder, checkpoint))
        made = assess_source(
            source,
            against,
            asked,
            pack=definitions(),
            plugins=plugins(),
            now=today,
            before=lambda subject: _before(stores.records(), subject, today, on_default),
            exports=handed_over(evidence),
            practice=lambda: _verified_again(
                stores.records(),
                named(source),
                read_practice(stores, since, today, place_of(source.name, source.origin)),
            ),
            operated=lambda: operated_at(stores, source, since, today),
            storage=DataFiles(folder / "extracts"),
            progress=progress,
            beside=closing.enter_context(SecondReader()),
        )
        if record and as_of is None:
            keep(stores.begun_records(), made, today, on_default=on_default)
    return made


def _judging(place: Path, source: Opened, version: str | None, closing: ExitStack) -> Opened | None:
    """Return the version whose definitions judge, or None where there is none."""
    from pawl.world.repository import open_tree

    if version is None or version == source.commit:
        return None if version is None else source
    opened = open_tree(place, version)
    closing.enter_context(opened)
    return opened


def _verified_again(
    engine: Engine | None, subject: str, told: Practice | Absent
) -> Practice | Absent:
    """Return the practice with what the records tell of the last formal assessment."""
    import msgspec

    from pawl.maturity.facts import Absent

    if isinstance(told, Absent) or engine is None:
        return told
    from pawl.services.reverified import reverified
    from pawl.store.records.ceremonies import CeremonyRecords
    from pawl.store.records.evidence import EvidenceRecords

    at, new = reverified(EvidenceRecords(engine), CeremonyRecords(engine), subject)
    return msgspec.structs.replace(told, reverified_at=at, reverified_new_evidence=new)


def _check_comparable(folder: Path, checkpoint: Path) -> None:
    """Refuse a comparison that cannot be made: what was asked for is never silently left out."""
    from pawl.base.errors import CannotTell
    from pawl.services.ledger import checkpoint_in

    kept = checkpoint_in(checkpoint)
    if not has_records(folder):
        raise CannotTell(
            f"there is no ledger to compare with entry {kept.seq}.",
            place=str(folder),
            hint="Name the data folder whose ledger the checkpoint is of with --data.",
        )


def _warm_up() -> None:
    """Import what speaks to a server, which takes a while, beside the waiting for git."""
    import importlib
    import threading

    name = "pawl.store.records.postgres"
    threading.Thread(target=importlib.import_module, args=(name,), daemon=True).start()


def assess_fleet(
    folder: Path,
    file: Path,
    asked: Asked,
    *,
    record: bool,
    told: Callable[[int, int, str], None],
    checkpoint: Path | None = None,
) -> Fleet:
    """Assess every repository that a fleet's file names; one that fails is a row with the reason.

    `told` hears how many are done, of how many, and which comes next.
    """
    import gc

    from pawl.app import now
    from pawl.base.errors import BadFile, PawlError
    from pawl.base.loading import load_yaml
    from pawl.maturity.fleet import FleetFile, Row, fleet, row_of

    if checkpoint is not None:
        _check_comparable(folder, checkpoint)
    try:
        named = load_yaml(file.read_text(), FleetFile, place=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"cannot be read: {error}.", place=str(file)) from error
    rows = []
    dimensions: dict[str, list[str]] = {}
    for number, member in enumerate(named.repositories):
        told(number, len(named.repositories), member.path)
        gc.collect()
        try:
            made = assess(
                folder,
                file.parent / member.path,
                asked,
                evidence=[file.parent / each for each in member.evidence],
                checkpoint=checkpoint,
                record=record,
            )
        except PawlError as error:
            rows.append(
                Row(path=member.path, team=member.team, subject=None, levels={}, problem=str(error))
            )
            continue
        rows.append(row_of(member, made.assessment))
        for model in made.assessment.models:
            dimensions[model.model] = [each.id for each in model.dimensions]
    return fleet(named.organisation, rows, dimensions, now())


def judged_register(place: Path, *, base: str | None, head: bool) -> tuple[Standing, ...]:
    """Return every exemption of a repository's register and whether it counts.

    The register is the base version's, or with `head` the checked-out commit's own.
    """
    from pawl.app import now
    from pawl.maturity.exempting import judge_register
    from pawl.services.assessing import read_definitions
    from pawl.services.gathering import subject_of as named
    from pawl.world.repository import open_tree

    with open_tree(place) as source:
        subject = named(source)
        version = source.commit if head else base or source.base()
    if version is None:
        return ()
    with open_tree(place, version) as source:
        found = read_definitions(definitions(), source, None)
    if found.register is None:
        return ()
    criteria = [criterion for model in found.models for criterion in model.criteria]
    return judge_register(found.register, subject, criteria, now(), found.numbers).standings


def keep(engine: Engine, made: Made, now: str, *, on_default: bool = False) -> bool:
    """Keep an assessment and today's evidence in the records; False when they were kept before.

    `on_default` says that its commit is one of the default branch.
    """
    from pawl.app.people import actor
    from pawl.services.over_time import committed_at
    from pawl.store.records.evidence import Batch, EvidenceRecords

    commit = made.assessment.commit
    batch = Batch(
        assessment=made.assessment,
        inputs=made.inputs,
        records=made.records,
        on_default_since=committed_at(made.gathered.facts, commit) if on_default else None,
    )
    return EvidenceRecords(engine).add(batch, actor(), now)


def score(folder: Path, place: Path, typed: Mapping[str, float]) -> Score:
    """Return the score of figures typed by hand, and of what is recorded for those that are not.

    What was recorded of changes goes before what probes found. Raises BadValue for a figure out of
    range.
    """
    from pawl.app import now
    from pawl.app.change_figures import score_inputs
    from pawl.maturity.score import declared, load_formula
    from pawl.maturity.score import score as scored
    from pawl.maturity.score_evidence import from_evidence

    formula = load_formula(own_text("score.yaml"), place="score.yaml")
    told = declared(formula, typed)
    if len(told) < len(formula.inputs):
        today = now()
        latest = {record.probe: record for record in _latest(folder, subject_of(place), today)}
        recorded = score_inputs(folder, place, today) if has_records(folder) else {}
        told = from_evidence(formula, latest, as_of=today) | recorded | told
    return scored(formula, told)


def subject_of(place: Path) -> str:
    """Return what the repository that holds a folder is called in evidence."""
    from pawl.services.gathering import subject_of as named
    from pawl.world.repository import open_tree

    with open_tree(place) as source:
        return named(source)


def _latest(folder: Path, subject: str, today: str) -> tuple[Record, ...]:
    if not has_records(folder):
        return ()
    with evidence_records(folder) as kept:
        return kept.newest(subject, today)


def has_records(folder: Path) -> bool:
    """Say whether records were begun in a data folder, or live elsewhere."""
    from pawl.store.records import FILE_NAME

    return bool(os.environ.get("PAWL_RECORDS_URL")) or (folder / FILE_NAME).exists()


@contextmanager
def records(folder: Path) -> Iterator[Engine]:
    """Open the records of a data folder, or where PAWL_RECORDS_URL says."""
    from pawl.store.records.engine import open_records

    engine = open_records(folder, os.environ.get("PAWL_RECORDS_URL"))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def evidence_records(folder: Path) -> Iterator[EvidenceRecords]:
    """Open the evidence of a data folder."""
    from pawl.store.records.evidence import EvidenceRecords

    with records(folder) as engine:
        yield EvidenceRecords(engine)


def _before(engine: Engine | None, subject: str, today: str, on_default: bool) -> Before:
    """Return what was recorded about a subject before; nothing where no records were begun."""
    from pawl.base.times import format_time, parse_time
    from pawl.services.assessing import Before

    if engine is None:
        return Before()
    from pawl.store.records.ceremonies import CeremonyRecords
    from pawl.store.records.evidence import PAST_DAYS, EvidenceRecords
    from pawl.store.records.ledger import head

    kept = EvidenceRecords(engine)
    since = format_time(parse_time(today) - timedelta(days=PAST_DAYS))
    seq, newest = head(engine)
    return Before(
        records=kept.of(subject, since=since, until=today),
        others={other: kept.newest(other, today) for other in kept.subjects() if other != subject},
        confirmed=CeremonyRecords(engine).confirmed(subject),
        checkpoint=f"{seq}:{newest}" if seq else None,
        seen=kept.seen_commits(subject, since, today) if on_default else {},
        later=kept.count(subject, since=today),
    )


def own_text(name: str) -> str:
    """Return a definition that comes with Pawl, by its path in the package of maturity."""
    return (_MATURITY / name).read_text()
