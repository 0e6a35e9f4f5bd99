"""What every command about incidents shares: the world read beforehand, then one transaction.

People, schedule and terms are read before the transaction, because git is slow and nobody else can
write meanwhile. The clock is read inside, so what is judged and what is recorded have one time.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from pawl.alerts.budget_letter import Mailing
from pawl.base.errors import CannotTell
from pawl.governance.ledger import Actor
from pawl.incidents.commands import Command, Reopen, Tick
from pawl.incidents.event import Happened, Refusal, after, refused
from pawl.incidents.incident import Happening, Incident, Milestone
from pawl.incidents.paging import pending
from pawl.incidents.people import People, human
from pawl.incidents.terms import Terms, shipped_terms
from pawl.incidents.transitions import decide
from pawl.services.by import PAWL_ITSELF, By, told
from pawl.services.incident_letters import letters_of
from pawl.services.incident_terms import IncidentSources, NoSuchIncident, Told
from pawl.store.records.command_keys import command_key
from pawl.store.records.incidents import IncidentBook, IncidentRecords

T = TypeVar("T", bound=msgspec.Struct)
Make = Callable[[IncidentBook, Incident], Command | Refusal]
"""What makes a command of the incident as it is in the transaction."""


class IncidentGround:
    """The base of the desk: its stores, and how a command is carried out."""

    def __init__(
        self,
        records: IncidentRecords,
        sources: IncidentSources,
        *,
        now: Callable[[], str],
        new_id: Callable[[str], str],
        mailing: Callable[[], Mailing] | None = None,
        budget_used: Callable[[Incident], float | None] = lambda incident: None,
        after_close: Callable[[Incident], None] = lambda incident: None,
    ) -> None:
        """`new_id` makes a sortable id that begins with a text such as `inc`.

        `budget_used` is an incident's share of four weeks' error budget, None where nothing
        measures it. `after_close` hears of one that was closed, and never undoes that.
        """
        self._records = records
        self.sources = sources
        self._now = now
        self._new_id = new_id
        self._mailing = mailing
        self._budget_used = budget_used
        self._after_close = after_close

    def get(self, id: str) -> Incident:
        """Return an incident; raises NoSuchIncident. An id may be shortened as far as is clear."""
        with self._records.reading() as book:
            return self._got(book, id)

    def _got(self, book: IncidentBook, id: str) -> Incident:
        incident = book.incident(id)
        if incident is None:
            named = book.named(id) if id else ()
            incident = book.incident(named[0]) if len(named) == 1 else None
        if incident is None:
            raise NoSuchIncident(
                f"no incident is called {id[:80]!r}.", hint="See them with `pawl incident list`."
            )
        return incident

    @contextmanager
    def _writing(self) -> Iterator[IncidentBook]:
        """One writing transaction; who is told is read before, because that is a file."""
        mailing = self._channels()
        with self._records.writing() as book:
            book.mailing = mailing
            yield book

    def _people(self, scope: str) -> People:
        """Return who is who; raises CannotTell."""
        with told("the roster"):
            return self.sources.people(scope)

    def _terms(self) -> Terms:
        """Return the numbers of judgement; raises CannotTell."""
        with told("the terms of incidents"):
            return self.sources.terms()

    def _terms_or_ours(self) -> Terms:
        """Return the numbers of judgement, those that come with Pawl where none can be read.

        For what must not wait for a repository: then they say no more than when to look again.
        """
        try:
            return self._terms()
        except CannotTell:
            return shipped_terms()

    def _known(self, scope: str) -> People | None:
        """Return who is who, for a command that need not know; None where that does not read."""
        try:
            return self.sources.people(scope)
        except Exception:
            return None

    def _tell(
        self, id: str, name: str, by: By, make: Make, *, key: str = "", people: People | None = None
    ) -> Told:
        """Carry a command to an incident out; one that was told before is not heard again.

        `people` are for commands that may end what people are still paged for.
        """
        with self._writing() as book:
            incident = self._got(book, id)
            only = command_key(f"incident.{name}", incident.id, key)
            if only and book.told(only) is not None:
                return incident
            command = make(book, incident)
            if isinstance(command, Refusal):
                return command
            return self._do(book, incident, command, self._now(), by, key=only, people=people)

    def _do(
        self, book: IncidentBook, incident: Incident, command: Command, now: str, by: By, *,
        key: str = "", people: People | None = None,
    ) -> Told:  # fmt: skip
        """Decide a command in a transaction and keep what it makes happen."""
        events = decide(incident, command, now)
        if isinstance(events, Refusal):
            return events
        if _silenced(incident, events, max(now, incident.changed_at)):
            what = "Ending what people are still paged for"
            why = unproved(by, what) or no_human(by, what, people, now)
            if why:
                return why
        done = self._keep(book, incident, events, by, key=key)
        return self._fired(book, done, now) if isinstance(command, Reopen) else done

    def _fired(self, book: IncidentBook, incident: Incident, now: str) -> Incident:
        """Page whoever is to be paged at once: that waits for no ticker."""
        events = decide(incident, Tick(by=PAWL_ITSELF.identity), now)
        assert not isinstance(events, Refusal)  # Time may pass in every state.
        return self._keep(book, incident, events, PAWL_ITSELF)

    def _keep(
        self, book: IncidentBook, before: T, events: Iterable[Happened], by: By, *, key: str = ""
    ) -> T:  # fmt: skip
        """Keep what happens to an incident, action, postmortem or debt, with its messages."""
        value = before
        for happened in events:
            value = book.record(
                value, happened, actor_of(by), key=key, claimed_at=claimed_of(happened)
            )
            key = ""
            self._post(book, value, happened)
        return value

    def _post(self, book: IncidentBook, value: msgspec.Struct, happened: Happened) -> None:
        """Put the messages that an event of an incident makes into the outbox."""
        if isinstance(value, Incident):
            notices = letters_of(value, happened, book.mailing or self._channels(), happened.at)
            if notices:
                book.tell(notices, happened.at)

    def _channels(self) -> Mailing:
        """Return whom this machine tells; a broken file of channels holds nothing up.

        What then reaches nobody waits in the outbox for a server that can read its own.
        """
        if self._mailing is None:
            return Mailing()
        try:
            return self._mailing()
        except Exception:  # A defect of ours may not keep anybody from declaring either.
            return Mailing(shared=True)


def proved(by: By) -> bool:
    """Say whether a name is known for certain: a session, a listed key, a signed link, a token."""
    return by.assurance == "authenticated" or by.source == PAWL_ITSELF.source


def unproved(by: By, what: str) -> Refusal | None:
    """Return why a word does not count that only somebody who is known for certain can give."""
    if proved(by):
        return None
    return refused(
        "weak-source",
        f"{what} takes somebody who is known for certain; a name that was typed is not.",
        hint="Sign in, follow the signed link of the page, or sign it with a listed SSH key.",
    )


def no_human(by: By, what: str, people: People | None, now: str) -> Refusal | None:
    """Return why whoever asks does not count where it takes a human who is here.

    A token proves whose it is, and that may be an agent's, or of somebody who has left.
    """
    if people is None:
        return refused(
            "cannot-tell", f"{what} takes a human, and who is one cannot be read.",
            hint="Mend the roster on the protected branch.",
        )  # fmt: skip
    found = human(people, by.identity, now)
    return found if isinstance(found, Refusal) else None


def actor_of(by: By) -> Actor:
    """Return who acts, as the ledger names them."""
    return Actor(person=by.identity, source=by.source, assurance=by.assurance)


_CLAIMED = {
    Happening.DECLARED: Milestone.DECLARED,
    Happening.MITIGATED: Milestone.MITIGATED,
    Happening.RESOLVED: Milestone.RESOLVED,
}


def claimed_of(happened: Happened) -> str:
    """Return when somebody says that an event was: the time of the milestone that it sets."""
    milestone = next((to for kind, to in _CLAIMED.items() if kind == happened.type), None)
    stamp = happened.sets.get("milestones", {}).get(milestone) if milestone else None
    return str(stamp["at"]) if stamp else happened.at


def _silenced(incident: Incident, events: Iterable[Happened], now: str) -> bool:
    """Say whether pages that are still to come will not be, though nobody was paged so far."""
    last = incident
    for each in events:
        last = after(last, each)
    return any(each.due_at > now and each not in pending(last) for each in pending(incident))
