"""The sample's maturity: six monthly assessments of made-up evidence, judged by the real engine.

The evidence is written down in `sample/maturity.yaml` and dated relative to now; levels, reasons
and gaps are what it proves. Two assessments were held and closed over it; one that an incident
opened is still under way. The same arguments give the same sample.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.finding import Outcome, Place
from pawl.base.loading import load_yaml
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor
from pawl.maturity.assess import About, assess
from pawl.maturity.compiled import CompiledModel
from pawl.maturity.confirm import Confirmed
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Share, Value, sealed
from pawl.maturity.exemption import Exemption, Register
from pawl.maturity.inputs import Inputs
from pawl.maturity.verdict import Assessment, Hit
from pawl.services.assessment_desk import AssessmentDesk
from pawl.services.maturity_rules import Rules
from pawl.services.sample_ceremonies import HELD
from pawl.store.records.evidence import Batch

STORY = Path(__file__).parent.parent / "sample" / "maturity.yaml"
MONTHS = 6
MONTH_DAYS = 30
WEEKS = (4, 3, 2, 1)
"""How many weeks before an assessment an answer told weekly was also given."""


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer of one probe, and the months in which it was given, both inclusive."""

    says: str
    outcome: Literal["pass", "fail", "cannot-tell"] = "pass"
    depth: Depth = Depth.EXISTS
    values: dict[str, bool | int | float | str] = {}
    places: tuple[str, ...] = ()
    since: int = msgspec.field(name="from")
    until: int = MONTHS
    weekly: bool = False
    collector: str = "pawl"
    kinds: tuple[Kind, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one probe told over the months, and from which kinds of source."""

    kinds: tuple[Kind, ...]
    told: tuple[Told, ...]


class Assessed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A made-up repository: the months it was assessed in, and how many it lags behind."""

    id: str
    months: tuple[int, ...]
    lag: int


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of the sample's evidence."""

    schema: Literal["pawl.sample-maturity/1"]
    subjects: tuple[Assessed, ...]
    not_looked_at: tuple[str, ...]
    probes: dict[str, Asked]


class Kept:
    """What the sample is written to. `add` keeps a batch, `desk` holds assessments."""

    def __init__(
        self,
        add: Callable[[Batch, Actor, str], bool],
        confirmed: Callable[[str], tuple[Confirmed, ...]],
        desk: AssessmentDesk,
    ) -> None:
        self.add = add
        self.confirmed = confirmed
        self.desk = desk


def load_sample_maturity(kept: Kept, rules: Rules, now: str, actor: Actor) -> None:
    """Write the sample's assessments; `now` is when the newest was made."""
    if kept.desk.knows_any():
        return  # What was loaded before is kept as it is.
    story = load_yaml(STORY.read_text(), Story, place=STORY.name)
    models = rules.compiled()
    for subject in story.subjects:
        past: list[Record] = []
        for month in subject.months:
            at = _days_before(now, MONTH_DAYS * (MONTHS - 1 - month) + 0.02)
            records = tuple(_records(story, subject, month, at))
            past += records
            inputs = _inputs(story, subject, month, at, rules, kept)
            made = _made(inputs, models, past)
            kept.add(Batch(assessment=made, inputs=inputs, records=records), actor, at)
            if subject.lag == 0 and month in HELD:
                HELD[month](kept.desk, subject.id, at, actor)


def _inputs(
    story: Story, subject: Assessed, month: int, at: str, rules: Rules, kept: Kept
) -> Inputs:
    """Return what an assessment of one month is made of, its records apart."""
    about = About(
        subject=subject.id,
        as_of=at,
        commit=digest([subject.id, month])[:40],
        tree=digest([month, subject.id])[:40],
        engine="sample",
        probes_digest=digest([story.schema, len(story.probes)]),
        thresholds_digest=rules.numbers.digest,
        not_looked_at=story.not_looked_at if month >= MONTHS - 2 else (),
    )
    first = subject.lag == 0
    return Inputs(
        about=about,
        models=tuple(rules.models.values()),
        records=(),
        numbers=rules.numbers,
        hits=_hits() if first and month == MONTHS - 1 else (),
        register=_register(at) if first and month >= MONTHS - 2 else None,
        confirmed=kept.confirmed(subject.id),
    )


def _made(inputs: Inputs, models: Sequence[CompiledModel], records: Sequence[Record]) -> Assessment:
    """Return the assessment that inputs and records make, by models made ready once."""
    return assess(
        inputs.about,
        models,
        records,
        inputs.numbers,
        hits=inputs.hits,
        register=inputs.register,
        confirmed=inputs.confirmed,
    )


def _records(story: Story, subject: Assessed, month: int, at: str) -> Iterator[Record]:
    """Yield what the probes told in a month, the weeks before it where they told weekly."""
    for probe, asked in story.probes.items():
        for told in _in_month(asked.told, month - subject.lag):
            for weeks in (*(WEEKS if told.weekly else ()), 0):
                yield _record(probe, asked, told, subject.id, _days_before(at, 7 * weeks))


def _in_month(told: Sequence[Told], month: int) -> Iterator[Told]:
    """Yield what is told in a month: by each collector what it told last, unless it fell silent."""
    last: dict[str, Told] = {}
    for each in told:
        if each.since <= month:
            last[each.collector] = each
    yield from (each for each in last.values() if month <= each.until)


def _record(probe: str, asked: Asked, told: Told, subject: str, at: str) -> Record:
    values = {name: _value(value) for name, value in told.values.items()}
    return sealed(
        Record(
            probe=probe,
            probe_version=1,
            subject=subject,
            outcome=Outcome(told.outcome),
            depth=told.depth,
            kinds=told.kinds or asked.kinds,
            assurance=Assurance.OBSERVED,
            values=values,
            places=tuple(_place(place) for place in told.places),
            reason=told.says,
            observed_at=at,
            collector=told.collector,
        )
    )


def _value(value: bool | int | float | str) -> Value:
    if not isinstance(value, str) or "/" not in value:
        return value
    hits, _, of = value.partition("/")
    return Share(int(hits), int(of))


def _place(place: str) -> Place:
    path, colon, line = place.rpartition(":")
    return Place(path, int(line)) if colon else Place(place)


def _hits() -> tuple[Hit, ...]:
    """Return what integrity detectors would have noticed."""
    return (
        Hit(
            detector="G06",
            indicator="docs/runbooks/search.md and docs/runbooks/cart.md are 91 % alike.",
            strength="medium",
            action="provisional",
            innocent="Runbooks of like services may share their steps.",
            remedy="Keep one and point to it, or write what differs.",
            probes=("runbooks-have-substance",),
            places=(Place("docs/runbooks/search.md", 1), Place("docs/runbooks/cart.md", 1)),
        ),
        Hit(
            detector="G07",
            indicator="4 of 212 test functions assert only that something is there.",
            strength="weak",
            action="note",
            innocent="A helper may assert what matters under a name that is not known.",
            remedy="Name the helper assert_…, or assert the value.",
            probes=("tests-assert",),
            places=(Place("tests/test_suggest.py", 44),),
        ),
    )


def _register(at: str) -> Register:
    """Return a register with an exemption that counts, one that ended and one that never did."""

    def entry(
        name: str, criterion: str, begin: int, end: int, reason: str, by: str = "security-lead"
    ) -> Exemption:
        return Exemption(
            id=name,
            criterion=criterion,
            reason=reason,
            residual_control="The nightly build compares what it installed.",
            owner="platform-team",
            approver=by,
            created=_days_before(at, begin)[:10],
            expires=_days_before(at, -end)[:10],
        )

    return Register(
        approvers=("security-lead",),
        leadership=("head-of-engineering",),
        assessed=("platform-team",),
        exemptions=(
            entry(
                "lock-web",
                "eng.delivery.L3.reproducible",
                35,
                42,
                reason="The web build moves to another package manager this quarter.",
            ),
            entry(
                "silenced-ledger",
                "eng.code.L4.suppressions",
                110,
                -18,
                reason="The legacy ledger is being replaced.",
            ),
            entry(
                "own-approval",
                "eng.culture.L3.ownership",
                20,
                60,
                by="platform-team",
                reason="Owners are being sorted out.",
            ),
        ),
    )


def _days_before(time: str, days: float) -> str:
    return format_time(parse_time(time) - timedelta(days=days))
