"""What an incident teaches, applied step by step, and what all of them say together."""

from collections.abc import Callable
from datetime import timedelta

from pawl.base.times import canonical_time, format_time, parse_time
from pawl.incidents import acting
from pawl.incidents.action import Action, action_id
from pawl.incidents.event import Refusal, refused
from pawl.incidents.incident import OVER, Incident
from pawl.incidents.learning import IncidentLearning, Step, steps
from pawl.incidents.metrics import action_figures, figures
from pawl.incidents.people import human
from pawl.incidents.postmortem import Postmortem
from pawl.incidents.structural import StructuralReport, structural_report
from pawl.incidents.weekly import WeeklyReview, weekly_review
from pawl.services.change_terms import By
from pawl.services.incident_applying import Plan, learnt_of, prepared_steps, told_step
from pawl.services.incident_ground import IncidentGround, actor_of
from pawl.services.incident_structure import Around, Looked, evidence_of
from pawl.services.incident_teaching import LearningFiles, Opens, Prepared, write
from pawl.services.incident_terms import LearningResult, Learnt
from pawl.store.records.incident_rows import StepDone
from pawl.store.records.incidents import IncidentBook

WEEK_DAYS = 7


class Learning(IncidentGround):
    """Turn lessons into eval cases, gate updates and owned actions."""

    around: Around | None = None
    """What the structural report looks at besides incidents; None is nothing of it."""

    def learn(
        self,
        id: str,
        learning: IncidentLearning,
        by: By,
        *,
        files: LearningFiles | None = None,
        records: tuple[str, ...] = (),
        due_at: str = "",
        dry_run: bool = False,
        before_step: Callable[[Step], None] = lambda step: None,
        key: str = "",
    ) -> LearningResult:
        """Apply what an incident teaches; what was done before is not done again.

        All that is left is tried first, and nothing is written where any of it is wrong. Then each
        step writes its files and is put on record, with the action that it opens, before the next
        one begins: whatever breaks off is taken up by doing it again. `due_at` is when the actions
        are due, by the severity where it is empty. With `dry_run` nothing is done.
        """
        plan = self.plan_learning(id, learning, due_at=due_at)
        if isinstance(plan, Refusal):
            return plan
        prepared = prepared_steps(plan, learning, files, records)
        if isinstance(prepared, Refusal):
            return prepared
        if not dry_run:
            for each in prepared:
                before_step(each.step)
                if files is not None:
                    write(files, each)
                self._done(plan, each, by)
        return self._learnt(plan, prepared)

    def plan_learning(
        self, id: str, learning: IncidentLearning, *, due_at: str = ""
    ) -> Plan | Refusal:
        """Return the steps of a learning and which of them are done; nothing is done here."""
        people, terms = self._people(self.get(id).scope), self._terms()
        with self._records.reading() as book:
            incident = self._got(book, id)
            paper = book.postmortem_of(incident.id)
            done = book.steps_done(incident.id)
        now = max(self._now(), incident.changed_at)
        due = _due(due_at, now, terms.rung(incident.severity).action_days)
        if isinstance(due, Refusal):
            return due
        unfit = _unfit(incident, learning)
        if unfit is not None:
            return unfit
        no_change = paper.content.no_change if paper else None
        planned = steps(learning, people=people, now=now, no_change=no_change)
        if isinstance(planned, Refusal):
            return planned
        owner = human(people, learning.owner, now)
        if isinstance(owner, Refusal):
            return owner
        return Plan(
            incident=incident, steps=planned, done=done, owner=owner.id, due_at=due, now=now
        )

    def record_step(
        self,
        id: str,
        learning: IncidentLearning,
        step: str,
        result: str,
        title: str,
        by: By,
        *,
        due_at: str = "",
        key: str = "",
    ) -> StepDone | Refusal:
        """Put on record that a step of a learning was done in a tree that is not ours.

        `step` is its key, which must be one of this learning as it is planned here. `title` is of
        the action that it opens. Told again, by whomever, it is what was recorded first.
        """
        plan = self.plan_learning(id, learning, due_at=due_at)
        if isinstance(plan, Refusal):
            return plan
        mine = next((each for each in plan.steps if each.key == step), None)
        if mine is None:
            return refused(
                "no-such-step",
                "What is taught has no step of that key.",
                hint="Apply it with `pawl incident learn` in a clone.",
            )
        told = told_step(mine, result, title)
        return told if isinstance(told, Refusal) else self._done(plan, told, by)

    def learnt(self, id: str) -> tuple[StepDone, ...]:
        """Return the steps of an incident's learning that were done, oldest first."""
        with self._records.reading() as book:
            return book.steps_done(self._got(book, id).id)

    def structural_report(self, since: str, until: str) -> StructuralReport:
        """Return the report on structural failures of a window; raises BadValue for a bad one."""
        looked = self._looked(since, until)
        return structural_report(evidence_of(looked, self.around, self.sources, self._terms()))

    def weekly_review(self, now: str = "") -> WeeklyReview:
        """Return what a weekly review looks at, as of now."""
        at = now or self._now()
        since = format_time(parse_time(at) - timedelta(days=WEEK_DAYS))
        earlier = format_time(parse_time(at) - timedelta(days=2 * WEEK_DAYS))
        terms = self._terms()
        with self._records.reading() as book:
            own, repeated, _ = book.window(since, at)
            before, repeated_before, _ = book.window(earlier, since)
            living = book.living()
            left, debts, papers = book.unfinished(), book.debts(), book.postmortems()
            quarter_start = quarter_of(at)
            _, _, of_quarter = book.window(quarter_start, at)
        days = terms.repeat_days
        return weekly_review(
            living,
            left,
            debts,
            papers,
            figures=figures(own, since, at, resolved=repeated, repeat_days=days),
            before=figures(before, earlier, since, resolved=repeated_before, repeat_days=days),
            quarter=action_figures(of_quarter, quarter_start, at),
            terms=terms,
            now=at,
        )

    def _done(self, plan: Plan, prepared: Prepared, by: By) -> StepDone:
        """Put a step on record with the action that it opens; somebody else may have been first."""
        step, incident = prepared.step, plan.incident.id
        with self._records.writing() as book:
            known = next((each for each in book.steps_done(incident) if each.key == step.key), None)
            if known is not None:
                return known
            of, paper = self._got(book, incident), book.postmortem_of(incident)
            now = max(self._now(), of.changed_at)
            component = _component(of, paper)
            action = self._opened(
                book, of, prepared.action, plan.owner, plan.due_at, component, by, now
            )
            kept = StepDone(
                key=step.key,
                incident=incident,
                kind=step.kind.value,
                done_at=now,
                result=prepared.result or action,
            )
            book.keep_step(kept, actor_of(by))
            return kept

    def _opened(
        self,
        book: IncidentBook,
        of: Incident,
        wanted: Opens,
        owner: str,
        due: str,
        component: str,
        by: By,
        now: str,
    ) -> str:
        """Open an action in a transaction, unless it is there; return its id."""
        identity = action_id(of.id, wanted.work, wanted.title)
        if book.action(identity) is not None:
            return identity
        new = Action(
            id=identity,
            incident=of.id,
            component=component,
            title=wanted.title,
            owner=owner,
            due_at=due,
            first_due_at=due,
            work=wanted.work,
            severity=of.severity,
            domain=of.domain,
            changed_at=now,
            opened_at=now,
            scope=of.scope,
        )
        events = acting.opened(new, now, by=by.identity)
        assert not isinstance(events, Refusal)
        book.begin(Action, events[0], actor_of(by))
        return identity

    def _learnt(self, plan: Plan, prepared: tuple[Prepared, ...]) -> Learnt:
        incident = plan.incident.id
        with self._records.reading() as book:
            done = book.steps_done(incident)
            actions = book.actions(incident=incident)
        return learnt_of(incident, plan.steps, done, actions, prepared)

    def _looked(self, since: str, until: str) -> Looked:
        """Read all that the report needs of incidents, in one view."""
        since, until = canonical_time(since), canonical_time(until)
        length = parse_time(until) - parse_time(since)
        earlier = format_time(parse_time(since) - length)
        terms = self._terms()
        with self._records.reading() as book:
            own, repeated, _ = book.window(since, until)
            before, repeated_before, _ = book.window(earlier, since)
            papers, debts, actions = book.postmortems(), book.debts(), book.actions()
            learned = book.learned()
        days = terms.repeat_days
        return Looked(
            since=since,
            until=until,
            earlier=earlier,
            incidents=own,
            actions=actions,
            debts=debts,
            papers=papers,
            learned=learned,
            figures=figures(own, since, until, resolved=repeated, repeat_days=days),
            before=figures(before, earlier, since, resolved=repeated_before, repeat_days=days),
        )


def quarter_of(at: str) -> str:
    """Return the beginning of the calendar quarter, in UTC, that a time is in."""
    day = parse_time(at)
    return format_time(
        day.replace(
            month=(day.month - 1) // 3 * 3 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
        )
    )


def _unfit(incident: Incident, learning: IncidentLearning) -> Refusal | None:
    if learning.incidentId.strip() and learning.incidentId != incident.id:
        return refused("other-incident", f"What it teaches is of {learning.incidentId[:80]}.")
    if incident.state in OVER:
        return refused(
            "not-now",
            f"{incident.id} is {incident.state}; nothing is left behind by it.",
            hint="Apply what an incident teaches before it is closed.",
        )
    return None


def _due(text: str, now: str, days: float) -> str | Refusal:
    if not text.strip():
        return format_time(parse_time(now) + timedelta(days=days))
    try:
        due = canonical_time(text)
    except (ValueError, OverflowError) as error:
        return refused("bad-time", f"{error}.", hint="Write a time such as 2026-12-01.")
    if due <= now:
        return refused("bad-time", f"{due[:10]} is over already.", hint="Name a day to come.")
    return due


def _component(incident: Incident, paper: Postmortem | None) -> str:
    """Return whose releases wait: the component of the root cause, else the incident's first."""
    cause = paper.content.root_cause if paper else None
    return cause.component if cause else next(iter(incident.components), "")
