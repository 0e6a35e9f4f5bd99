"""One year of one team through Pawl's own ledger: weekly looks, ceremonies, and what came of them.

Each week the real probes are asked over what happened so far, evidence and assessment are kept in
real records, and ceremonies are held at the desk as people would: formal ones every twelve weeks,
focused ones the day after a grave incident, mandatory ones before a request to scale. The last
quarter's re-check is skipped. `python -m tests.end_to_end.year` prints every transition with its
reason.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
from tests.end_to_end.year_practice import Practised
from tests.end_to_end.year_story import GRAVE, START, SUBJECT, WEEKS, happenings, look_at
from tests.end_to_end.year_team import facts

from pawl.app.maturity import definitions, plugins
from pawl.app.maturity_rules import rules
from pawl.base.loading import load_yaml
from pawl.base.times import format_time
from pawl.governance.ledger import Actor, ChainReport
from pawl.maturity.assess import About
from pawl.maturity.ceremony_terms import Action, Ceremony, Gap, Refusal, Strength
from pawl.maturity.confirm import Confirmed, Trigger, current, latest
from pawl.maturity.dossier import FreshnessEvent
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.probe import ask
from pawl.maturity.scaling import ScaleDecision
from pawl.maturity.verdict import Assessment, ModelResult, Verdict
from pawl.services.assessing import Before, Definitions, Pack, Thresholds, look_for_tricks
from pawl.services.assessment_desk import AssessmentDesk
from pawl.store.records.ceremonies import CeremonyRecords
from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.evidence import PAST_DAYS, Batch, EvidenceRecords

LEAD = Actor(person="lead@acme.invalid", source="git-config", assurance="declared")
MODELS = ("ops", "eng")
FORMAL = {0: "2024-Q4", 12: "2025-Q1", 24: "2025-Q2", 36: "2025-Q3"}
"""Formal assessments by week. Twelve weeks apart and not thirteen, since the operations model asks
for a re-check within 90 days. The one of 2025-Q4 is never held."""
SCALING = {8: "second-region", 28: "second-region-again"}
"""Requests to scale, by week; both lean on the same dimensions."""
LEANS_ON = ("delivery", "reliability")
QUARTER_ENDS = (0, 13, 26, 39, 52)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one dimension went through: by an assessment, or by time alone (`kind` is `none`)."""

    day: str
    kind: str
    model: str
    dimension: str
    before: int | None
    after: int
    change: str
    reason: str
    because: str = ""
    """Of a level that fell: the criteria that are not met any more, with their reasons."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the year left. `assessments` are as encoded, oldest first; `ends` the
    inputs of each quarter's last look, read back from the records."""

    rows: tuple[Row, ...]
    held: tuple[Ceremony, ...]
    scaled: tuple[ScaleDecision, ...]
    assessments: tuple[bytes, ...]
    ends: tuple[Inputs, ...]
    ledger: ChainReport
    runs: int


class Year:
    """The year as it goes on, over records in one folder."""

    def __init__(self, folder: Path) -> None:
        pack, found = _pack(), plugins()
        self.rules = rules()
        self.engine = open_records(folder)
        self.evidence = EvidenceRecords(self.engine)
        self.ceremonies = CeremonyRecords(self.engine)
        self.practised = Practised(self.engine, self.evidence, self.ceremonies)
        self.desk = AssessmentDesk(self.evidence, self.ceremonies, self.rules)
        self.pack = pack
        self.probes = found.probes
        self.detectors = found.detectors
        self.definitions = Definitions(
            models=tuple(self.rules.models[name] for name in MODELS),
            register=None,
            numbers=self.rules.numbers,
            thresholds=load_yaml(pack.thresholds, Thresholds, place="thresholds").detectors,
            thresholds_digest=self.rules.numbers.digest,
        )
        self.rows: list[Row] = []
        self.scaled: list[ScaleDecision] = []
        self.made: list[Assessment] = []
        self.ends: list[str] = []

    def look(self, now: datetime, *, formal: bool = False) -> Assessment:
        """Ask every probe, keep what they say, and judge it with what was kept before."""
        at = format_time(now)
        known = facts(now, self.practised.practice(now))
        past = self.evidence.of(SUBJECT, format_time(now - timedelta(days=PAST_DAYS)), at)
        records = tuple(ask(name, probe, known) for name, probe in sorted(self.probes.items()))
        confirmed = self.ceremonies.confirmed(SUBJECT)
        before = Before(records=past, confirmed=confirmed)
        inputs = Inputs(
            about=About(
                subject=SUBJECT,
                as_of=at,
                engine=self.pack.engine,
                probes_digest=self.pack.digest,
                thresholds_digest=self.definitions.thresholds_digest,
            ),
            models=self.definitions.models,
            records=(*past, *records),
            numbers=self.definitions.numbers,
            hits=look_for_tricks(
                self.detectors,
                self.definitions,
                known,
                records,
                before,
                assessed_on=at[:10] if formal else None,
            ),
            events=tuple(
                FreshnessEvent(
                    name="incident", at=format_time(each.at), reason=f"Incident {each.id}."
                )
                for each in happenings(now)
                if each.grave
            ),
            confirmed=confirmed,
        )
        made = made_again(inputs)
        batch = Batch(assessment=made, inputs=inputs, records=records)
        assert self.evidence.add(batch, LEAD, at)
        self.made.append(made)
        self._lapses(at)
        return made

    def hold(self, trigger: Trigger, *, dimensions: tuple[str, ...] = ()) -> dict[str, str]:
        """Hold an assessment of each model from its opening to its closing; return their ids.

        `dimensions` are those of the engineering model that the trigger is about.
        """
        return {
            model: self._hold(
                model,
                msgspec.structs.replace(trigger, dimensions=dimensions if model == "eng" else ()),
            )
            for model in MODELS
        }

    def _hold(self, model: str, trigger: Trigger) -> str:
        at = trigger.at
        definition = self.rules.models[model]
        standing = {each.id: self._standing(model, each.id, at) for each in definition.dimensions}
        held = _done(self.desk.open(SUBJECT, model, trigger, LEAD, at))
        _done(self.desk.attach(held, LEAD, at))
        result = self.desk.latest(SUBJECT, model)
        _done(self.desk.note_strength(held, _strength(result), LEAD, at))
        gaps = list(_gaps(result))
        for gap in gaps:
            _done(self.desk.note_gap(held, gap, LEAD, at))
        _done(self.desk.agree(held, LEAD, at))
        for gap in gaps:
            _done(self.desk.plan(held, _action(gap, at), LEAD, at))
        for each in result.dimensions:
            lowest = min(standing[each.id] or 1, each.measured)
            aim = min(len(definition.levels), lowest + 1)
            _done(self.desk.aim(held, each.id, aim, LEAD, at))
        _done(self.desk.close(held, LEAD, at))
        closed = self.ceremonies.get(held)
        assert closed is not None
        self.rows += [_row(each, standing[each.dimension], result) for each in closed.confirmed]
        return held

    def scale(self, held: dict[str, str], area: str, now: datetime) -> None:
        """Answer a request to scale by the assessment that was held for it."""
        answer = self.desk.answer_scaling(held["eng"], area, LEAD, format_time(now))
        self.scaled.append(answer)

    def _standing(self, model: str, dimension: str, at: str) -> int | None:
        history = self.ceremonies.confirmed(SUBJECT)
        found = current(history, self.rules.models[model], dimension, at, self.rules.numbers)
        return None if found is None else found.level

    def _lapses(self, at: str) -> None:
        """Tell once of every level that time alone ended."""
        history = self.ceremonies.confirmed(SUBJECT)
        for name in MODELS:
            model = self.rules.models[name]
            for dimension in model.dimensions:
                found = current(history, model, dimension.id, at, self.rules.numbers)
                last = latest(history, name, dimension.id)
                if found is None or last is None or not found.lapsed:
                    continue
                row = Row(
                    day=found.until[:10],
                    kind="none",
                    model=name,
                    dimension=dimension.id,
                    before=last.level,
                    after=found.level,
                    change="lapsed",
                    reason=found.reason,
                )
                if row not in self.rows:
                    self.rows.append(row)


@cache
def _pack() -> Pack:
    """Return the definitions, read once: their digest is to fit the code that runs, as loaded."""
    return definitions()


def live(folder: Path, weeks: int = WEEKS) -> Told:
    """Live the year, or so many weeks of it, in an empty folder and return what it left."""
    with _year(folder) as year:
        for week in range(weeks + 1):
            _week(year, week)
        return Told(
            rows=tuple(year.rows),
            held=tuple(reversed(year.ceremonies.of(SUBJECT))),
            scaled=tuple(year.scaled),
            assessments=tuple(msgspec.json.encode(each) for each in year.made),
            ends=tuple(_inputs(year, name) for name in year.ends),
            ledger=check(year.engine, replay=True),
            runs=year.practised.count(),
        )


def _week(year: Year, week: int) -> None:
    """Live one week: runs, what breaks, the look at its end, and what is due then."""
    year.practised.work(week)
    if week in GRAVE:
        broke = next(each for each in happenings(look_at(week)) if each.grave and each.week == week)
        after = broke.at + timedelta(days=1)
        year.look(after)
        trigger = Trigger(cause="incident", ref=broke.id, at=format_time(after))
        year.hold(trigger, dimensions=("reliability",))
    now = look_at(week)
    year.look(now, formal=week in FORMAL)
    if week in FORMAL:
        year.hold(Trigger(cause="quarter", ref=FORMAL[week], at=format_time(now)))
    if week in SCALING:
        trigger = Trigger(cause="scale-request", ref=SCALING[week], at=format_time(now))
        held = year.hold(trigger, dimensions=LEANS_ON)
        # What was just confirmed is seen by the next look only.
        later = now + timedelta(hours=1)
        year.look(later)
        year.scale(held, SCALING[week], later)
    if week in QUARTER_ENDS:
        year.ends.append(year.evidence.trend(SUBJECT)[-1].digest)


@contextmanager
def _year(folder: Path) -> Iterator[Year]:
    year = Year(folder)
    try:
        yield year
    finally:
        year.engine.dispose()


def _inputs(year: Year, name: str) -> Inputs:
    found = year.evidence.inputs(SUBJECT, name)
    assert found is not None
    return found


def _row(confirmed: Confirmed, before: int | None, result: ModelResult) -> Row:
    dimension = next(each for each in result.dimensions if each.id == confirmed.dimension)
    missing = [
        f"{each.id} is {each.verdict.value}: {each.reason}"
        for each in dimension.criteria
        if each.id in dimension.blocking
    ]
    return Row(
        because=" ".join(missing) if confirmed.change == "lowered" else "",
        day=confirmed.at[:10],
        kind=confirmed.kind.value,
        model=confirmed.model,
        dimension=confirmed.dimension,
        before=before,
        after=confirmed.level,
        change=confirmed.change,
        reason=confirmed.reason,
    )


def _strength(result: ModelResult) -> Strength:
    """Return what the evidence shows to hold, or a plain word where it shows nothing yet."""
    for dimension in result.dimensions:
        for criterion in reversed(dimension.criteria):
            if criterion.verdict is Verdict.MET:
                return Strength(
                    dimension=dimension.id, text=criterion.statement, criterion=criterion.id
                )
    first = result.dimensions[0].id
    return Strength(dimension=first, text="Incidents and deployments have a log that is kept.")


def _gaps(result: ModelResult) -> Iterator[Gap]:
    """Yield the first thing that keeps each dimension from its next level."""
    found = False
    for dimension in result.dimensions:
        for criterion in dimension.criteria:
            if criterion.id in dimension.blocking[:1]:
                found = True
                yield Gap(id=criterion.id, dimension=dimension.id, text=criterion.statement)
    if not found:
        yield Gap(
            id="next-recheck",
            dimension=result.dimensions[0].id,
            text="The level stands only until its next re-check, and nobody is named for that.",
        )


def _action(gap: Gap, at: str) -> Action:
    due = datetime.fromisoformat(at) + timedelta(days=60)
    return Action(
        id=f"do-{gap.id}",
        gap=gap.id,
        text=f"See to it: {gap.text}",
        owner="shop-team",
        due=due.date().isoformat(),
        indicator="The criterion is met at the next formal assessment.",
    )


def _done(answer: str | Refusal) -> str:
    assert not isinstance(answer, Refusal), f"{answer.code}: {answer.message} {answer.hint}"
    return answer


def table(rows: tuple[Row, ...]) -> str:
    """Return every transition as text, and what kept a level against the evidence of the day."""
    lines = [f"{'date':<12}{'assessment':<12}{'dimension':<18}{'from':>4} {'to':>3}  reason"]
    for row in rows:
        if row.change == "kept" and row.reason == "The evidence still proves it.":
            continue
        before = "-" if row.before is None else str(row.before)
        name = f"{row.model}.{row.dimension}"
        text = f"{row.reason} {row.because}".strip()
        lines.append(f"{row.day:<12}{row.kind:<12}{name:<18}{before:>4} {row.after:>3}  {text}")
    return "\n".join(lines)


def main() -> None:
    """Live the year in a folder of its own and print what happened."""
    with tempfile.TemporaryDirectory(prefix="pawl-year-") as folder:
        told = live(Path(folder))
    print(f"A year of {SUBJECT} from {START:%Y-%m-%d}, {len(told.assessments)} looks.\n")
    print(table(told.rows))
    for answer in told.scaled:
        print(f"\n{answer.request}: {'allowed' if answer.allowed else 'blocked'}. {answer.reason}")
        for ground in answer.grounds:
            print(f"  {ground.dimension}: {ground.reason}")
    for held in told.held:
        for raised in held.interventions:
            print(f"\n{held.trigger.at[:10]}: intervention in {held.model}: {raised.reason}")
    intact = "verifies, tables replayed" if told.ledger.intact else "is broken"
    print(f"\nThe ledger of {told.ledger.entries} entries {intact}; {told.runs} supervised runs.")


if __name__ == "__main__":
    main()
