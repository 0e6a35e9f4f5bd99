"""Operational debt: causes that were seen again, and how they are paid off.

Whoever confirms a repeat owes the debt in the same transaction: there is no repeat on record that
nobody has to pay. Whoever takes one back takes its incidents out of the debt, in one as well.
"""

from pawl.incidents import commands as to
from pawl.incidents import debt as owing
from pawl.incidents.debt import OperationalDebt, State, debt_id, owe
from pawl.incidents.event import Refusal, refused
from pawl.incidents.incident import Incident, Milestone
from pawl.incidents.people import human
from pawl.incidents.transitions import decide
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround, actor_of, unproved
from pawl.services.incident_terms import CaseExists, NoSuchIncident, Owed, Told
from pawl.store.records.changes import command_key
from pawl.store.records.incidents import IncidentBook


class DebtKeeping(IncidentGround):
    """Plan, prove and pay operational debts."""

    case_exists: CaseExists | None = None
    """Says whether there is an eval case; None where there is no repository to look at."""

    def debts(self, states: tuple[State, ...] = ()) -> tuple[OperationalDebt, ...]:
        """Return debts in some states or all, last seen first."""
        with self._records.reading() as book:
            return book.debts(states)

    def debt(self, id: str) -> OperationalDebt:
        """Return a debt; raises NoSuchIncident."""
        with self._records.reading() as book:
            return self._got_debt(book, id)

    def confirm_repeat(self, id: str, earlier: str, by: By, *, key: str = "") -> Told:
        """Say that an earlier one had the same cause; the debt that it is, is owed with it."""
        people = self._people(self.get(id).scope)
        with self._records.writing() as book:
            incident, before = self._got(book, id), self._got(book, earlier)
            only = command_key("incident.confirm-repeat", incident.id, key)
            if only and book.told(only) is not None:
                return incident
            refusal = unproved(by, "Confirming a repeat")
            if refusal is not None:
                return refusal
            now = max(self._now(), incident.changed_at)
            command = to.ConfirmRepeat(by=by.identity, earlier=before, people=people)
            events = decide(incident, command, now)
            if isinstance(events, Refusal):
                return events
            after = self._keep(book, incident, events, by, key=only)
            if events:
                self._owe(book, after, before, by, now)
            return after

    def dismiss_repeat(
        self, id: str, earlier: str, by: By, reason: str = "", *, key: str = ""
    ) -> Told:
        """Say that another one had another cause; what was confirmed takes a reason to take back.

        Then the debt loses the incidents that no confirmed repeat holds any longer, and is none
        where less than two are left.
        """
        people = self._people(self.get(id).scope)
        with self._records.writing() as book:
            incident, other = self._got(book, id), self._got(book, earlier)
            only = command_key("incident.dismiss-repeat", incident.id, key)
            if only and book.told(only) is not None:
                return incident
            refusal = unproved(by, "Dismissing a repeat")
            if refusal is not None:
                return refusal
            now = max(self._now(), incident.changed_at)
            command = to.DismissRepeat(
                by=by.identity, earlier=other.id, people=people, reason=reason
            )
            events = decide(incident, command, now)
            if isinstance(events, Refusal):
                return events
            after = self._keep(book, incident, events, by, key=only)
            if other.id in incident.repeats:
                self._take_back(book, after, other.id, reason, by, now)
            return after

    def plan_debt(self, id: str, owner: str, plan: str, by: By, *, key: str = "") -> Owed:
        """Say who pays it off and how; the owner is a human of the roster."""
        person = human(self._people(""), owner.strip(), self._now())
        if isinstance(person, Refusal):
            return person
        command = owing.MakePlan(by=by.identity, owner=person.id, plan=plan)
        return self._told_debt(id, "plan", command, by, key=key)

    def add_case(self, id: str, case: str, by: By, *, key: str = "") -> Owed:
        """Name the eval case that fails when it comes back."""
        missing = self._missing(case)
        return missing or self._told_debt(
            id, "add-case", owing.AddCase(by=by.identity, case=case.strip()), by, key=key
        )

    def pay_debt(self, id: str, by: By, *, key: str = "") -> Owed:
        """Call it paid, if it is: its case is still there and it has stayed away long enough."""
        debt = self.debt(id)
        missing = self._missing(debt.regression_case) if debt.regression_case else None
        command = owing.Pay(by=by.identity, terms=self._terms())
        return missing or self._told_debt(id, "pay", command, by, key=key)

    def _missing(self, case: str) -> Refusal | None:
        if self.case_exists is None or not case.strip() or self.case_exists(case.strip()):
            return None
        return refused(
            "no-such-case",
            f"There is no eval case {case.strip()[:80]!r}.",
            hint="Add it first; `pawl eval list` shows which there are.",
        )

    def _told_debt(self, id: str, name: str, command: owing.Command, by: By, *, key: str) -> Owed:
        with self._records.writing() as book:
            debt = self._got_debt(book, id)
            only = command_key(f"debt.{name}", debt.id, key)
            if only and book.told(only) is not None:
                return debt
            events = owing.decide(debt, command, max(self._now(), debt.changed_at))
            if isinstance(events, Refusal):
                return events
            return self._keep(book, debt, events, by, key=only)

    def _owe(
        self, book: IncidentBook, incident: Incident, earlier: Incident, by: By, now: str
    ) -> None:
        """Put on record that a cause was seen again: in the debt that there is, or in a new one.

        Before a postmortem names the root cause, the earlier incident stands for it, so that all
        that repeats it meets in one debt.
        """
        cause = earlier.root_cause_key or incident.root_cause_key or f"incident:{earlier.id}"
        component = next(iter(earlier.components or incident.components), "")
        at = incident.recorded(Milestone.DECLARED) or now
        known = book.debt(debt_id(cause, component)) or _holding(book, earlier.id)
        if known is None:
            told = owe(cause, component, (earlier.id, incident.id), at, now, by=by.identity)
            assert not isinstance(told, Refusal)
            for event in told:
                book.begin(OperationalDebt, event, actor_of(by))
            return
        for each in (earlier, incident):
            seen = owing.Seen(
                by=by.identity, incident=each.id, at=each.recorded(Milestone.DECLARED) or now
            )
            events = owing.decide(known, seen, max(now, known.changed_at))
            assert not isinstance(events, Refusal)
            known = self._keep(book, known, events, by)

    def _take_back(
        self, book: IncidentBook, incident: Incident, other: str, reason: str, by: By, now: str
    ) -> None:
        """Take out of the debts of two incidents what no confirmed repeat holds any longer."""
        for debt in book.debts():
            if not {incident.id, other} <= set(debt.incidents):
                continue
            members = {each: self._got(book, each) for each in debt.incidents}
            held = {
                each
                for one in members.values()
                for of in one.repeats
                if of in members
                for each in (one.id, of)
            }
            command = owing.TakeBack(
                by=by.identity,
                reason=reason,
                incidents=tuple(each for each in debt.incidents if each not in held),
                last_seen_at=max(
                    (members[each].recorded(Milestone.DECLARED) or "" for each in held), default=""
                ),
            )
            events = owing.decide(debt, command, max(now, debt.changed_at))
            assert not isinstance(events, Refusal)
            self._keep(book, debt, events, by)

    def _got_debt(self, book: IncidentBook, id: str) -> OperationalDebt:
        found = book.debt(id)
        if found is None:
            named = book.named(id, "debt") if id else ()
            found = book.debt(named[0]) if len(named) == 1 else None
        if found is None:
            raise NoSuchIncident(
                f"no debt is called {id[:80]!r}.", hint="See them with `pawl incident debt list`."
            )
        return found


def _holding(book: IncidentBook, incident: str) -> OperationalDebt | None:
    """Return the debt that an incident is counted in already."""
    return next((each for each in book.debts() if incident in each.incidents), None)
