"""What a team's server has of learning: postmortems, lessons, debts, and what looks alike."""

from collections.abc import Callable
from typing import Any

import msgspec

from pawl.incidents import debt
from pawl.incidents.blameless import Blame
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident
from pawl.incidents.learning import IncidentLearning, Step
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.similarity import Similar
from pawl.incidents.structural import StructuralReport
from pawl.incidents.weekly import WeeklyReview
from pawl.services.change_asking import named
from pawl.services.change_terms import By
from pawl.services.incident_applying import Plan, learnt_of, prepared_steps
from pawl.services.incident_asking import IncidentAsker
from pawl.services.incident_teaching import LearningFiles, write
from pawl.services.incident_terms import LearningResult, Owed, Told, Written
from pawl.services.incidents import IncidentDesk
from pawl.store.records.incident_rows import StepDone


class _Paper(msgspec.Struct):
    postmortem: Postmortem | None
    due_at: str | None


class _Blame(msgspec.Struct):
    blame: tuple[Blame, ...]


class _Similar(msgspec.Struct):
    similar: tuple[Similar, ...]


class _Learnt(msgspec.Struct):
    done: tuple[StepDone, ...]


class _Debts(msgspec.Struct):
    debts: tuple[OperationalDebt, ...]


class RemoteLearning(IncidentDesk):
    """The learning part of a server's desk."""

    _asker: IncidentAsker

    def postmortem(self, incident: str) -> Postmortem | None:
        """Return the postmortem of an incident, None where nobody has begun one."""
        return self._asker.look(named("incidents", incident, "postmortem"), _Paper).postmortem

    def postmortem_due(self, id: str) -> str | None:
        """Return until when the postmortem of an incident is due."""
        return self._asker.look(named("incidents", id, "postmortem"), _Paper).due_at

    def begin_postmortem(self, id: str, owner: str, by: By, *, key: str = "") -> Written:
        """Begin the postmortem of a resolved incident."""
        path = named("incidents", id, "postmortem")
        return self._asker.tell(path, Postmortem, {"owner": owner}, key=key)

    def draft(self, id: str) -> Content:
        """Return what the timeline of an incident says already."""
        return self._asker.look(named("incidents", id, "postmortem", "draft"), Content)

    def revise(
        self, id: str, content: Content, by: By, owner: str = "", *, seen: int = 0, key: str = ""
    ) -> Written:
        """Write it anew, or give it to another owner."""
        return self._written(id, "revise", key, content=content, owner=owner, seen=seen)

    def ask_review(self, id: str, by: By, *, key: str = "") -> Written:
        """Let others read it."""
        return self._written(id, "ask-review", key)

    def send_back(self, id: str, reason: str, by: By, *, key: str = "") -> Written:
        """Say what it lacks."""
        return self._written(id, "send-back", key, reason=reason)

    def publish(self, id: str, by: By, *, key: str = "") -> Written:
        """Make it final."""
        return self._written(id, "publish", key)

    def blame(self, id: str) -> tuple[Blame, ...]:
        """Return the sentences of a postmortem that put the failure on a person."""
        return self._asker.look(named("incidents", id, "postmortem", "blame"), _Blame).blame

    def sign_no_change(self, id: str, reason: str, by: By, *, key: str = "") -> Written:
        """Sign why an incident changes nothing."""
        return self._written(id, "sign-no-change", key, reason=reason)

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
        """Apply what an incident teaches: its files here, its steps and actions on the server.

        The server plans, and each step is proved and written here before it is told to be done.
        Whatever breaks off is taken up by doing it again, from this clone or from another.
        """
        plan = self.plan_learning(id, learning, due_at=due_at)
        if isinstance(plan, Refusal):
            return plan
        prepared = prepared_steps(plan, learning, files, records)
        if isinstance(prepared, Refusal):
            return prepared
        for each in () if dry_run else prepared:
            before_step(each.step)
            if files is not None:
                write(files, each)
            told = self.record_step(
                id, learning, each.step.key, each.result, each.action.title, by, due_at=plan.due_at
            )
            if isinstance(told, Refusal):
                return told
        incident = plan.incident.id
        return learnt_of(
            incident, plan.steps, self.learnt(id), self.actions(incident=incident), prepared
        )

    def plan_learning(
        self, id: str, learning: IncidentLearning, *, due_at: str = ""
    ) -> Plan | Refusal:
        """Return the steps of a learning as the server plans them, and which are done."""
        body = {"learning": learning, "due_at": due_at or None}
        return self._asker.tell(named("incidents", id, "learn", "plan"), Plan, body)

    def record_step(
        self, id: str, learning: IncidentLearning, step: str, result: str, title: str, by: By,
        *, due_at: str = "", key: str = "",
    ) -> StepDone | Refusal:  # fmt: skip
        """Put on the server's record that a step was done in a tree of ours."""
        body = {
            "learning": learning, "step": step, "result": result, "title": title,
            "due_at": due_at or None,
        }  # fmt: skip
        path = named("incidents", id, "learn", "steps")
        return self._asker.tell(path, StepDone, body, key=key)

    def learnt(self, id: str) -> tuple[StepDone, ...]:
        """Return the steps of an incident's learning that were done, oldest first."""
        return self._asker.look(named("incidents", id, "learnt"), _Learnt).done

    def structural_report(self, since: str, until: str) -> StructuralReport:
        """Return the report on structural failures of a window."""
        return self._asker.look(
            named("structural-report"), StructuralReport, since=since, until=until
        )

    def weekly_review(self, now: str = "") -> WeeklyReview:
        """Return what a weekly review looks at."""
        return self._asker.look(named("weekly-review"), WeeklyReview, now=now)

    def confirm_repeat(self, id: str, earlier: str, by: By, *, key: str = "") -> Told:
        """Say that an earlier one had the same cause."""
        path = named("incidents", id, "confirm-repeat")
        return self._asker.tell(path, Incident, {"earlier": earlier}, key=key)

    def debts(self, states: tuple[debt.State, ...] = ()) -> tuple[OperationalDebt, ...]:
        """Return debts in some states or all, last seen first."""
        return self._asker.look(named("debts"), _Debts, state=",".join(states)).debts

    def debt(self, id: str) -> OperationalDebt:
        """Return a debt; raises NoSuchIncident."""
        return self._asker.look(named("debts", id), OperationalDebt)

    def plan_debt(self, id: str, owner: str, plan: str, by: By, *, key: str = "") -> Owed:
        """Say who pays it off and how."""
        return self._owed(id, "plan", key, owner=owner, plan=plan)

    def add_case(self, id: str, case: str, by: By, *, key: str = "") -> Owed:
        """Name the eval case that fails when it comes back."""
        return self._owed(id, "case", key, case=case)

    def pay_debt(self, id: str, by: By, *, key: str = "") -> Owed:
        """Call it paid, if it is."""
        return self._owed(id, "pay", key)

    def similar(self, id: str, most: int = 20) -> tuple[Similar, ...]:
        """Return earlier incidents that are like one, the likest first."""
        path = named("incidents", id, "similar")
        return self._asker.look(path, _Similar, most=str(most)).similar

    def _written(self, id: str, word: str, key: str, **body: Any) -> Written:
        path = named("incidents", id, "postmortem", word)
        return self._asker.tell(path, Postmortem, body, key=key)

    def _owed(self, id: str, word: str, key: str, **body: Any) -> Owed:
        return self._asker.tell(named("debts", id, word), OperationalDebt, body, key=key)
