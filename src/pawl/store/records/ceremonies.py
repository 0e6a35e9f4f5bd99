"""Assessments as people hold them, in the records: one row each, rebuilt from the ledger's events.

Every event of a ceremony is an entry; what it sets is in the entry's body, so that a replay gives
the same ceremony as the commands did.
"""

from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.maturity.ceremony import after
from pawl.maturity.ceremony_terms import Answer, Ceremony, Happened, Refusal, State
from pawl.maturity.confirm import Confirmed
from pawl.maturity.scaling import ScaleDecision
from pawl.store.records.connection import Connection, Engine, Row, insert, update
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append, entries

_HINTS = get_type_hints(Ceremony)
_PREFIX = "assessment."
_OPEN = """
SELECT id FROM ceremonies
WHERE subject = :subject AND model = :model AND state NOT IN (:closed, :abandoned)
"""
_ENTRIES = "SELECT COUNT(*) AS entries FROM ledger WHERE subject = :identity"
_ONE = "SELECT body FROM ceremonies WHERE id = :identity"
_OF_ONE = "SELECT body FROM ceremonies WHERE subject = :subject ORDER BY opened_at DESC, id"
_OF_ALL = "SELECT body FROM ceremonies ORDER BY opened_at DESC, id"
_ROWS = "SELECT id, subject, model, state, opened_at, ended_at, body FROM ceremonies"


class CeremonyRecords:
    """Ceremonies of every subject. Commands are decided inside the transaction that keeps them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(
        self,
        identity: str,
        decide: Callable[[str], Ceremony | Refusal],
        actor: Actor,
        now: str,
        *,
        subject: str,
        model: str,
    ) -> Ceremony | Refusal:
        """Open a ceremony; `decide` is told the id of one that is still open, or ''."""
        with writing(self._engine) as connection:
            ended = {"closed": State.CLOSED.value, "abandoned": State.ABANDONED.value}
            running = connection.execute(_OPEN, {"subject": subject, "model": model} | ended)
            ceremony = decide(running[0]["id"] if running else "")
            if isinstance(ceremony, Refusal):
                return ceremony
            body = {"ceremony": msgspec.to_builtins(ceremony)}
            draft = _draft(EntryType.ASSESSMENT_OPENED.value, identity, body, actor, now, "")
            if append(connection, draft) is not None:
                insert(connection, "ceremonies", _row(ceremony))
            return ceremony

    def tell(
        self, identity: str, decide: Callable[[Ceremony], Answer], actor: Actor, now: str
    ) -> Ceremony | Refusal:
        """Apply what a command makes happen; raises KeyError for a ceremony that is none."""
        with writing(self._engine) as connection:
            ceremony = _get(connection, identity)
            if ceremony is None:
                raise KeyError(identity)
            answer = decide(ceremony)
            if isinstance(answer, Refusal):
                return answer
            for happened in answer:
                # As the ledger will have it: keys sorted, 31.0 as 31; a replay reads no other.
                sets = canonical_json(msgspec.to_builtins(dict(happened.sets)))
                body = {"sets": msgspec.json.decode(sets)}
                (known,) = connection.execute(_ENTRIES, {"identity": identity})
                key = str(known["entries"])
                append(connection, _draft(_PREFIX + happened.type, identity, body, actor, now, key))
                ceremony = after(ceremony, _stored(happened.type, happened.at, body["sets"]))
                update(connection, "ceremonies", "id", _row(ceremony))
            return ceremony

    def get(self, identity: str) -> Ceremony | None:
        """Return a ceremony, or None."""
        with reading(self._engine) as connection:
            return _get(connection, identity)

    def of(self, subject: str | None = None) -> tuple[Ceremony, ...]:
        """Return ceremonies, newest first: of one subject, or all."""
        with reading(self._engine) as connection:
            if subject is None:
                rows = connection.execute(_OF_ALL)
            else:
                rows = connection.execute(_OF_ONE, {"subject": subject})
        return tuple(_ceremony(row["body"]) for row in rows)

    def confirmed(self, subject: str) -> tuple[Confirmed, ...]:
        """Return every level that was confirmed of a subject, oldest first."""
        held = reversed(self.of(subject))
        return tuple(each for ceremony in held for each in ceremony.confirmed)

    def decided(self, decision: ScaleDecision, subject: str, actor: Actor, now: str) -> bool:
        """Record the answer to a request to scale; False when it was recorded before."""
        body = msgspec.to_builtins(decision)
        draft = _draft(EntryType.SCALE_DECIDED.value, subject, body, actor, now, now)
        with writing(self._engine) as connection:
            return append(connection, draft) is not None


def difference(connection: Connection) -> Difference | None:
    """Return the first ceremony that is not what its entries make of it."""
    rebuilt: dict[str, Ceremony] = {}
    for entry in entries(connection, _PREFIX):
        body = msgspec.json.decode(entry.body)
        if entry.type == EntryType.ASSESSMENT_OPENED:
            rebuilt[entry.subject] = typed.convert(body["ceremony"], Ceremony)
            continue
        known = rebuilt.get(entry.subject)
        if known is None:
            return Difference(
                kind="table", place=f"entry {entry.seq}", expected="an opened one", found="none"
            )
        happened = _stored(entry.type.removeprefix(_PREFIX), entry.recorded_at, body["sets"])
        rebuilt[entry.subject] = after(known, happened)
    found = {row["id"]: row for row in connection.execute(_ROWS)}
    wanted = {identity: _row(ceremony) for identity, ceremony in rebuilt.items()}
    for identity in sorted(found.keys() | wanted.keys()):
        if found.get(identity) != wanted.get(identity):
            return Difference(
                kind="table",
                place=f"ceremonies {identity}",
                expected="a row" if identity in wanted else "no row",
                found="another row" if identity in found else "none",
            )
    return None


def _stored(kind: str, at: str, sets: dict[str, Any]) -> Happened:
    """Return an event as the ledger has it: each field of its declared type."""
    told = {name: typed.convert(value, _HINTS[name]) for name, value in sets.items()}
    return Happened(type=kind, at=at, sets=told)


def _get(connection: Connection, identity: str) -> Ceremony | None:
    rows = connection.execute(_ONE, {"identity": identity})
    return _ceremony(rows[0]["body"]) if rows else None


def _ceremony(body: str) -> Ceremony:
    return typed.decode(body, type=Ceremony)


def _row(ceremony: Ceremony) -> Row:
    return {
        "id": ceremony.id,
        "subject": ceremony.subject,
        "model": ceremony.model,
        "state": ceremony.state.value,
        "opened_at": ceremony.opened_at,
        "ended_at": ceremony.ended_at,
        "body": msgspec.json.encode(ceremony).decode(),
    }


def _draft(
    kind: str, subject: str, body: dict[str, Any], actor: Actor, now: str, key: str
) -> Draft:
    return Draft(
        type=kind,
        subject=subject,
        actor=actor,
        body=body,
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{kind}:{subject}:{key}",
    )
