"""What a team's server has of learning: postmortems, lessons, debts, and what looks alike."""

from typing import Any

import msgspec

from pawl.base.errors import BadValue
from pawl.incidents import debt
from pawl.incidents.blameless import Blame
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.incident import Incident
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.similarity import Similar
from pawl.incidents.structural import StructuralReport
from pawl.incidents.weekly import WeeklyReview
from pawl.services.change_asking import named
from pawl.services.change_terms import By
from pawl.services.incident_asking import IncidentAsker
from pawl.services.incident_terms import LearningResult, Learnt, Owed, Told, Written
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
        self, id: str, learning: IncidentLearning, by: By, *, key: str = "", **here: Any
    ) -> LearningResult:
        """Apply what an incident teaches, as far as that takes no files; see `Learning.learn`.

        Raises BadValue for whatever only the machine of a repository can do.
        """
        asked = sorted(name for name, value in here.items() if value)
        if asked:
            raise BadValue(
                f"A server has no working tree to do this in: {', '.join(asked)}.",
                place="PAWL_SERVER",
                hint="Leave PAWL_SERVER unset, and do it beside the server's records.",
            )
        return self._asker.tell(named("incidents", id, "learn"), Learnt, learning, key=key)

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

    def take_words(self) -> bool:
        """Do nothing: the server takes words itself."""
        return False

    def similar(self, id: str, most: int = 20) -> tuple[Similar, ...]:
        """Return earlier incidents that are like one, the likest first."""
        path = named("incidents", id, "similar")
        return self._asker.look(path, _Similar, most=str(most)).similar

    def _written(self, id: str, word: str, key: str, **body: Any) -> Written:
        path = named("incidents", id, "postmortem", word)
        return self._asker.tell(path, Postmortem, body, key=key)

    def _owed(self, id: str, word: str, key: str, **body: Any) -> Owed:
        return self._asker.tell(named("debts", id, word), OperationalDebt, body, key=key)
