"""Actions: opened with an owner and a date, claimed done, and verified by somebody else."""

import msgspec

from pawl.base.times import canonical_time
from pawl.incidents import acting
from pawl.incidents.action import Action, Proof, State, Work, action_id
from pawl.incidents.event import Refusal, refused
from pawl.incidents.incident import OVER
from pawl.incidents.terms import Severity
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround, actor_of, unproved
from pawl.services.incident_terms import Acted, LooksAt, NoSuchIncident, Seen
from pawl.store.records.changes import command_key
from pawl.store.records.incidents import IncidentBook


class ActionKeeping(IncidentGround):
    """Open actions and see them through."""

    look_at: LooksAt | None = None
    """Looks at what a proof names, as far as it can be seen here; None where there is nothing."""

    def actions(
        self, *, incident: str = "", states: tuple[State, ...] = (), owner: str = ""
    ) -> tuple[Action, ...]:
        """Return actions, due first: of an incident, in some states, of an owner, or all."""
        with self._records.reading() as book:
            return book.actions(incident=incident, states=states, owner=owner)

    def action(self, id: str) -> Action:
        """Return an action; raises NoSuchIncident. An id may be shortened as far as is clear."""
        with self._records.reading() as book:
            return self._action(book, id)

    def open_action(
        self, incident: str, title: str, owner: str, due_at: str, work: Work, component: str,
        by: By, *, blocker: bool = True, severity: Severity | None = None, key: str = "",
    ) -> Acted:  # fmt: skip
        """Open an action; of the same incident, kind and title there is one.

        What was closed leaves no more behind, so nothing is opened for it.
        """
        try:
            due = canonical_time(due_at) if due_at.strip() else ""
        except (ValueError, OverflowError) as error:
            return refused("bad-time", f"{error}.", hint="Write a time such as 2026-11-21.")
        with self._records.writing() as book:
            of = self._got(book, incident)
            known = book.action(action_id(of.id, work, title))
            if known is not None:
                return known
            if of.state in OVER:
                return refused("not-now", f"{of.id} is {of.state}.", hint="Open it again first.")
            now = max(self._now(), of.changed_at)
            new = Action(
                id=action_id(of.id, work, title),
                incident=of.id,
                component=component,
                title=title.strip(),
                owner=owner,
                due_at=due,
                first_due_at=due,
                work=work,
                severity=severity or of.severity,
                domain=of.domain,
                changed_at=now,
                opened_at=now,
                scope=of.scope,
                blocker=blocker,
            )
            events = acting.opened(new, now, by=by.identity)
            if isinstance(events, Refusal):
                return events
            only = command_key("action.open", new.id, key)
            return book.begin(Action, events[0], actor_of(by), key=only)

    def begin_action(self, id: str, by: By, *, key: str = "") -> Acted:
        """Work on it."""
        return self._act(id, "begin", by, acting.Begin(by=by.identity), key)

    def claim_action(self, id: str, by: By, note: str = "", *, key: str = "") -> Acted:
        """Say that it is done."""
        return self._act(id, "claim", by, acting.ClaimDone(by=by.identity, note=note), key)

    def send_back_action(self, id: str, reason: str, by: By, *, key: str = "") -> Acted:
        """Say what is still to do."""
        command = acting.SendBack(by=by.identity, reason=reason)
        return self._act(id, "send-back", by, command, key)

    def verify_action(self, id: str, proof: Proof, by: By, *, key: str = "") -> Acted:
        """Say that it is done, having looked at evidence; not for its owner or who claimed it.

        What the evidence shows is looked up where it can be. What it contradicts is refused, and
        what could not be seen is kept as the verifier's word.
        """
        action = self.action(id)
        people = self._people(action.scope)
        seen = self.look_at(action, proof) if self.look_at is not None else Seen()
        if seen.wrong:
            return refused("wrong-proof", *seen.wrong, hint="Look at it again.")
        proof = msgspec.structs.replace(proof, checked=seen.checked)
        command = acting.Verify(by=by.identity, proof=proof, people=people)
        return unproved(by, "Verifying an action") or self._act(id, "verify", by, command, key)

    def drop_action(self, id: str, reason: str, by: By, *, key: str = "") -> Acted:
        """Say that it will not be done, and why; only for who answers for it."""
        people = self._people(self.action(id).scope)
        command = acting.WontDo(by=by.identity, reason=reason, people=people)
        return unproved(by, "Giving an action up") or self._act(id, "wont-do", by, command, key)

    def move_action(
        self, id: str, reason: str, by: By, owner: str = "", due_at: str = "", *, key: str = ""
    ) -> Acted:
        """Give it another owner or date, and say why; only for who answers for it."""
        people = self._people(self.action(id).scope)
        command = acting.Move(
            by=by.identity, reason=reason, people=people, owner=owner, due_at=due_at
        )
        return unproved(by, "Moving an action") or self._act(id, "move", by, command, key)

    def _action(self, book: IncidentBook, id: str) -> Action:
        action = book.action(id)
        if action is None:
            named = book.named(id, "action") if id else ()
            action = book.action(named[0]) if len(named) == 1 else None
        if action is None:
            raise NoSuchIncident(
                f"no action is called {id[:80]!r}.", hint="See them with `pawl action list`."
            )
        return action

    def _act(self, id: str, name: str, by: By, command: acting.Command, key: str) -> Acted:
        with self._records.writing() as book:
            action = self._action(book, id)
            only = command_key(f"action.{name}", action.id, key)
            if only and book.told(only) is not None:
                return action
            events = acting.decide(action, command, self._now())
            if isinstance(events, Refusal):
                return events
            return self._keep(book, action, events, by, key=only)
