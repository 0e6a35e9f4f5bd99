"""The operating cadence: what is done, excused or missed, and who is reminded.

The cadence, people and figures are read before the transaction. An occurrence is recorded once,
whoever else tries at the same moment; the clock is read inside.
"""

from collections.abc import Mapping
from datetime import tzinfo

import msgspec

from pawl.alerts.budget_letter import Mailing
from pawl.base.errors import PawlError
from pawl.base.times import parse_time
from pawl.changes.change import Refusal
from pawl.governance.cadence import Cadence, State
from pawl.governance.cadence_keeping import (
    Adopted,
    Line,
    Output,
    Record,
    adopted,
    answerable,
    around,
    let_go,
    missed,
    premature,
    record_of,
)
from pawl.governance.ledger import PAWL, Actor
from pawl.governance.roster import (
    Kind,
    Person,
    Roster,
    by_identity,
    holders,
    holds,
    is_active,
    plain_identity,
)
from pawl.services.cadence_letters import letters_of
from pawl.services.cadence_outputs import checked
from pawl.services.cadence_reading import OPEN, CadenceReading
from pawl.services.cadence_terms import Ticked, Told
from pawl.services.change_ground import actor_of, told
from pawl.services.change_terms import By
from pawl.store.records.cadence import CadenceBook

MOST_WORDS = 4_000


class CadenceDesk(CadenceReading):
    """The cadence of one place. A `key` makes a command that is told twice happen once.

    Commands return what is on record of the occurrence, or a Refusal with every reason. They raise
    NoSuchRoutine for a name that is none, and CannotTell where cadence or people cannot be read.
    """

    _told_already: frozenset[str] = frozenset()
    _missed_until: str = ""

    def done(
        self,
        routine: str,
        outputs: Mapping[str, str],
        by: By,
        *,
        period: str = "",
        note: str = "",
        key: str = "",
    ) -> Told:
        """Call a routine done, with every output that it asks for."""
        cadence, roster = self._world()
        now = self._now()
        line = self._line(cadence, routine, period, now)
        answered = _answered(line, "done", now) or _too_long(note)
        if answered is not None:
            return answered
        if now < line.occurrence.opens_at:
            return _refusal("not-open", f"{_name(line)} opens at {line.occurrence.opens_at[:16]}Z.")
        person = _person(by, roster, now)
        if isinstance(person, Refusal):
            return person
        found = checked(
            line.routine,
            outputs,
            self.look,
            lambda at: self._numbers(cadence, line, at),
            now,
        )
        if isinstance(found, Refusal):
            return found
        left, seen = found
        record = self._signed(line, by, person, roster, note)
        return self._keep(cadence, line, record, left, seen, by, key)

    def excuse(self, routine: str, reason: str, by: By, *, period: str = "", key: str = "") -> Told:
        """Excuse an occurrence: it takes a reason, and somebody who answers for it."""
        cadence, roster = self._world()
        now = self._now()
        line = self._line(cadence, routine, period, now)
        answered = _answered(line, "excused", now) or _too_long(reason)
        if answered is not None:
            return answered
        if not reason.strip():
            return _refusal("no-reason", "An excuse says why.")
        with told("the policy"):
            roles = answerable(self.sources.policy().raci, line.routine.role)
        why_not = _may_excuse(by, roster, roles, line.routine.role, now)
        if why_not:
            return _refusal("not-allowed", why_not, hint="See who may with `pawl raci show`.")
        person = _person(by, roster, now)
        if isinstance(person, Refusal):
            return person
        record = self._signed(line, by, person, roster, "")
        record = msgspec.structs.replace(record, outcome="excused", reason=reason.strip())
        return self._keep(cadence, line, record, (), "", by, key)

    def tick(self) -> Ticked:
        """Let time do what is due: record what was missed, and put reminders out once each.

        A cadence that is seen for the first time, or that says something else, is adopted.
        """
        cadence, now = self.cadence(), self._now()
        self.zone(cadence)
        people = self._roster_or_nobody()
        channels = self._channels()
        with self._records.reading() as book:
            before = book.kept()
            silent = self._silent(book, cadence, before, now)
        if silent:
            return Ticked()
        with self._records.writing() as book:
            gone = self._miss(book, book.kept(), now)
            kept = self._adopt(book, cadence, PAWL, now)
            said = self._remind(book, cadence, kept, people, channels, now)
        self._missed_until = now
        return Ticked(told=said, missed=gone, adopted=kept != before)

    def close(self) -> None:
        """Close the records."""
        self._records.dispose()

    def _world(self) -> tuple[Cadence, Roster]:
        with told("the cadence"):
            cadence = self.cadence()
        with told("the roster"):
            return cadence, self.sources.roster()

    def _signed(self, line: Line, by: By, person: str, roster: Roster, note: str) -> Record:
        record = record_of(line, "done", self._now())
        return msgspec.structs.replace(
            record,
            person=person,
            identity=by.identity,
            assurance=by.assurance,
            held=holds(roster, person, line.routine.role, "", record.at),
            note=note.strip(),
        )

    def _keep(
        self,
        cadence: Cadence,
        line: Line,
        record: Record,
        outputs: tuple[Output, ...],
        seen: str,
        by: By,
        key: str,
    ) -> Told:
        with self._records.writing() as book:
            now = self._now()
            line = msgspec.structs.replace(line, record=book.record(line.occurrence.id))
            answered = _answered(line, record.outcome, now)
            if answered is not None:
                return answered
            record = msgspec.structs.replace(record, at=now, outputs=outputs, seen=seen)
            actor = actor_of(by)
            self._miss(book, book.kept(), now)
            self._adopt(book, cadence, actor, now)
            return book.keep(record, actor, now, key=key)

    def _silent(
        self, book: CadenceBook, cadence: Cadence, kept: Mapping[str, Adopted], now: str
    ) -> bool:
        """Say whether nothing is to be done now; looking costs no writer anything."""
        if {each.routine for each in kept.values()} != set(cadence.routines):
            return False
        if any(each.time_zone != cadence.time_zone for each in kept.values()):
            return False
        lines = self._lines_in(book, dict(kept), *self._looked(kept, now), now)
        if any(missed(lines, now)):
            return False
        local = self.zone(cadence)
        return not any(
            f"{line.occurrence.id}|{line.state}" not in self._told_already
            for line in lines
            if _to_tell(line, now, local)
        )

    def _looked(self, kept: Mapping[str, Adopted], now: str) -> tuple[str, str]:
        """Return between which times occurrences are looked at: all that count, the first time."""
        begin, end = around(now)
        if not self._missed_until:
            begin = min((begin, *(each.since for each in kept.values())))
        return begin, end

    def _miss(self, book: CadenceBook, kept: dict[str, Adopted], now: str) -> tuple[str, ...]:
        lines = self._lines_in(book, kept, *self._looked(kept, now), now)
        gone = []
        for record in missed(lines, now):
            book.keep(record, PAWL, now)
            gone.append(record.id)
        return tuple(gone)

    def _adopt(
        self, book: CadenceBook, cadence: Cadence, actor: Actor, now: str
    ) -> dict[str, Adopted]:
        """Adopt a cadence. What was overdue under the one before is put on record first."""
        known = book.kept()
        later = adopted(known, cadence, now)
        for record in let_go(known, later, self._lines_in(book, known, *around(now), now), now):
            book.keep(record, PAWL, now)
        return book.adopt(cadence, actor, now)

    def _remind(
        self,
        book: CadenceBook,
        cadence: Cadence,
        kept: dict[str, Adopted],
        people: Mapping[str, tuple[str, ...]],
        channels: Mailing,
        now: str,
    ) -> tuple[str, ...]:
        zone = self.zone(cadence)
        said = []
        for line in self._lines_in(book, kept, *around(now), now):
            name = f"{line.occurrence.id}|{line.state}"
            if name in self._told_already or not _to_tell(line, now, zone):
                continue
            local = parse_time(line.occurrence.due_at).astimezone(zone)
            when = f"{local:%Y-%m-%d %H:%M} {cadence.time_zone}"
            who = people.get(line.routine.role, ())
            letters = letters_of(line, who, when, channels, now)
            if book.tell(line.occurrence.id, line.state.value, letters, PAWL, now):
                said.append(name)
            self._told_already |= {name}
        return tuple(said)

    def _roster_or_nobody(self) -> dict[str, tuple[str, ...]]:
        now = self._now()
        return self._people(self._lines(self.cadence(), *around(now), now))

    def _channels(self) -> Mailing:
        """Return whom this machine tells; a broken file of channels holds nothing up."""
        if self._mailing is None:
            return Mailing()
        try:
            return self._mailing()
        except PawlError:
            return Mailing(shared=True)


def _answered(line: Line, wanted: str, now: str) -> Told | None:
    """Return what is on record already, or why it is too late; None while it can be recorded."""
    record = line.record
    if record is not None and not premature(record, now):
        if record.outcome == wanted:
            return record
        if record.outcome != "missed":
            return _refusal(
                f"already-{record.outcome}", f"{_name(line)} is {record.outcome} since {record.at}."
            )
    if now >= line.occurrence.closes_at:
        return _refusal(
            "missed",
            f"{_name(line)} was missed: its period ended at {line.occurrence.closes_at[:16]}Z.",
        )
    return None


def _person(by: By, roster: Roster, now: str) -> str | Refusal:
    """Return who acts, by the roster's id; without a roster whoever they say they are."""
    if not by.identity:
        return _refusal(
            "not-allowed", "Nobody is named who does this.", hint="Sign in, and do it again."
        )
    if not roster.people:
        return by.identity
    person = _known(by, roster)
    if person is None:
        return _refusal("not-allowed", "Nobody in the roster claims this identity.")
    if person.kind is not Kind.HUMAN or not is_active(person, now):
        return _refusal("not-allowed", f"{person.id} is no human who is here now.")
    return person.id


def _may_excuse(by: By, roster: Roster, roles: tuple[str, ...], own: str, now: str) -> str:
    """Return why somebody may not excuse; empty where they may.

    Whoever keeps the routine, by the role that is its `own`, may only where nobody else answers
    for it; the record then says that they held it.
    """
    if by.assurance != "authenticated":
        return "To excuse takes somebody who is known, and not a name that anybody can type."
    person = _known(by, roster)
    if person is None:
        return "Nobody in the roster claims this identity."
    if not is_active(person, now) or not any(
        holds(roster, person.id, role, "", now) for role in roles
    ):
        return f"To excuse takes {' or '.join(roles)}, which {person.id} is not."
    keeping = holders(roster, own, "", now) if own else ()
    others = {each for role in roles for each in holders(roster, role, "", now)} - set(keeping)
    if person.id in keeping and others:
        return (
            f"{person.id} keeps it, and nobody excuses their own; "
            f"{', '.join(sorted(others)[:5])} may."
        )
    return ""


def _known(by: By, roster: Roster) -> Person | None:
    return by_identity(roster).get(plain_identity(by.identity))


def _to_tell(line: Line, now: str, zone: tzinfo) -> bool:
    """Say whether people are told of an occurrence: on the day it is due, and when it is late."""
    if line.state not in OPEN:
        return False
    day = parse_time(line.occurrence.due_at).astimezone(zone).date()
    return line.state is State.OVERDUE or parse_time(now).astimezone(zone).date() == day


def _too_long(text: str) -> Refusal | None:
    if len(text) <= MOST_WORDS:
        return None
    return _refusal("too-long", f"That is more than {MOST_WORDS:,} characters.")


def _name(line: Line) -> str:
    return f"{line.routine.title} ({line.occurrence.period})"


def _refusal(code: str, reason: str, *, hint: str = "") -> Refusal:
    return Refusal(code=code, reasons=(reason,), hint=hint)
