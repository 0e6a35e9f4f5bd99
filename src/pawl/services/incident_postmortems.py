"""Postmortems: drafted of the timeline, read by others, published with what they teach."""

from collections.abc import Callable

import msgspec

from pawl.incidents import postmortem as paper
from pawl.incidents.blameless import Blame, blaming
from pawl.incidents.commands import BeginPostmortem, PublishPostmortem
from pawl.incidents.drafting import begun, drafted, due_at, names_of, without
from pawl.incidents.event import Refusal, refused
from pawl.incidents.incident import Incident, State
from pawl.incidents.learning import NoChange, why_not_signed
from pawl.incidents.people import human
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.transitions import decide
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround, actor_of, unproved
from pawl.services.incident_terms import NoSuchIncident, Written
from pawl.store.records.changes import command_key
from pawl.store.records.incident_rows import happened_of
from pawl.store.records.incidents import IncidentBook

Step = Callable[[IncidentBook, Incident, Postmortem, str], "paper.Command | Refusal"]
"""What makes a command of the postmortem as it is in the transaction."""


class PostmortemKeeping(IncidentGround):
    """Write down what can be learned. Postmortems are named by their own id or their incident's."""

    def postmortem(self, incident: str) -> Postmortem | None:
        """Return the postmortem of an incident, None where nobody has begun one."""
        with self._records.reading() as book:
            return book.postmortem_of(self._got_either(book, incident).id)

    def begin_postmortem(self, id: str, owner: str, by: By, *, key: str = "") -> Written:
        """Begin the postmortem of a resolved incident; begun already it is the one there is.

        Its owner is a human of the roster.
        """
        if owner.strip():
            person = human(self._people(""), owner.strip(), self._now())
            if isinstance(person, Refusal):
                return person
            owner = person.id
        with self._records.writing() as book:
            incident = self._got_either(book, id)
            known = book.postmortem_of(incident.id)
            if known is not None and incident.state is not State.RESOLVED:
                return known
            if not owner.strip() and known is None:
                return refused("no-owner", "Nobody owns it.", hint="Say who, with their roster id.")
            now = max(self._now(), incident.changed_at)
            events = decide(incident, BeginPostmortem(by=by.identity), now)
            if isinstance(events, Refusal):
                return events
            only = command_key("incident.postmortem", incident.id, key)
            self._keep(book, incident, events, by, key=only if not book.told(only) else "")
            if known is not None:
                return known
            event = begun(incident, self._new_id("pm"), owner, now, by=by.identity)
            return book.begin(Postmortem, event, actor_of(by))

    def draft(self, id: str) -> Content:
        """Return what the timeline of an incident says already, for people to go on from.

        People that cannot be looked up are called nobody in particular.
        """
        with self._records.reading() as book:
            incident = self._got_either(book, id)
            happened = [
                happened_of(row["type"], row["subject"], row["recorded_at"], row["body"])
                for row in book.timeline(incident.id)
                if row["type"].startswith("incident.")
            ]
        return drafted(incident, happened, self._people(incident.scope), self._terms())

    def postmortem_due(self, id: str) -> str | None:
        """Return until when the postmortem of an incident is due; None before it is resolved."""
        return due_at(self.get(id), self._terms())

    def revise(
        self,
        id: str,
        content: Content,
        by: By,
        owner: str = "",
        *,
        seen: int = 0,
        key: str = "",
    ) -> Written:
        """Write it anew, or give it to another owner.

        `seen` is the version that was looked at; where it is another one by now nothing is written.
        Who signed that nothing changes stays as it was: only `sign_no_change` makes a signature.
        """

        def make(
            book: IncidentBook, of: Incident, one: Postmortem, now: str
        ) -> "paper.Command | Refusal":
            if seen and seen != one.version:
                return refused(
                    "moved",
                    f"It was changed meanwhile: version {one.version}, and you saw {seen}.",
                    hint="Look at it again, and put your change into that.",
                )
            held = without(content, one.content)
            return paper.Revise(by=by.identity, content=held, owner=owner.strip())

        return self._write(id, "revise", by, make, key=key)

    def ask_review(self, id: str, by: By, *, key: str = "") -> Written:
        """Let others read it."""
        command = paper.AskReview(by=by.identity)
        return self._write(id, "ask-review", by, lambda *_: command, key=key)

    def send_back(self, id: str, reason: str, by: By, *, key: str = "") -> Written:
        """Say what it lacks."""
        command = paper.SendBack(by=by.identity, reason=reason)
        return self._write(id, "send-back", by, lambda *_: command, key=key)

    def publish(self, id: str, by: By, *, key: str = "") -> Written:
        """Make it final, and let its incident go on to the actions, in one transaction.

        One that was published before its incident was opened again only lets it go on.
        """
        people = self._people(self._seen(id).scope)
        with self._records.writing() as book:
            incident, one = self._both(book, id)
            only = command_key("postmortem.publish", one.id, key)
            if one.state is paper.State.PUBLISHED and incident.state is not State.POSTMORTEM:
                return one
            if incident.state is not State.POSTMORTEM:
                return refused("not-now", f"Its incident is {incident.state}.")
            now = max(self._now(), incident.changed_at, one.changed_at)
            if one.state is not paper.State.PUBLISHED:
                actions = book.actions(incident=incident.id)
                command = paper.Publish(by=by.identity, actions=actions, people=people)
                events = paper.decide(one, command, now)
                if isinstance(events, Refusal):
                    return events
                one = self._keep(book, one, events, by, key=only)
            done = decide(incident, PublishPostmortem(by=by.identity, postmortem=one), now)
            assert not isinstance(done, Refusal)
            self._keep(book, incident, done, by)
            return one

    def blame(self, id: str) -> tuple[Blame, ...]:
        """Return the sentences of a postmortem that put the failure on a person."""
        with self._records.reading() as book:
            incident, one = self._both(book, id)
        return blaming(one.content, names_of(self._people(incident.scope)))

    def sign_no_change(self, id: str, reason: str, by: By, *, key: str = "") -> Written:
        """Sign why an incident changes nothing; not for whoever owns its postmortem."""
        people = self._people(self._seen(id).scope)

        def make(
            book: IncidentBook, of: Incident, one: Postmortem, now: str
        ) -> "paper.Command | Refusal":
            signed = NoChange(reason=reason.strip(), signed_by=by.identity, signed_at=now)
            why = why_not_signed(signed, people, now, owner=one.owner)
            if why:
                return refused("not-signed", why)
            content = msgspec.structs.replace(one.content, no_change=signed)
            return paper.Revise(by=by.identity, content=content)

        return unproved(by, "Signing that nothing changes") or self._write(
            id, "no-change", by, make, key=key
        )

    def _write(self, id: str, name: str, by: By, make: Step, *, key: str) -> Written:
        """Carry a command to a postmortem out; one that was told before is not heard again."""
        with self._records.writing() as book:
            incident, one = self._both(book, id)
            only = command_key(f"postmortem.{name}", one.id, key)
            if only and book.told(only) is not None:
                return one
            now = max(self._now(), one.changed_at)
            command = make(book, incident, one, now)
            events = command if isinstance(command, Refusal) else paper.decide(one, command, now)
            if isinstance(events, Refusal):
                return events
            return self._keep(book, one, events, by, key=only)

    def _seen(self, id: str) -> Incident:
        with self._records.reading() as book:
            return self._got_either(book, id)

    def _both(self, book: IncidentBook, id: str) -> tuple[Incident, Postmortem]:
        incident = self._got_either(book, id)
        one = book.postmortem_of(incident.id)
        if one is None:
            raise NoSuchIncident(
                f"{incident.id} has no postmortem yet.",
                hint=f"Begin it with `pawl incident postmortem {incident.id} --owner PERSON`.",
            )
        return incident, one

    def _got_either(self, book: IncidentBook, id: str) -> Incident:
        """Return an incident by its own id or by that of its postmortem."""
        one = book.postmortem(id)
        return self._got(book, one.incident if one else id)
