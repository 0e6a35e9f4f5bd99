"""Decisions of gates with all they rest on, evidence, attestations and drills, in the records.

A decision is kept under the digest of its bytes, its snapshot beside it; policy, roster and
manifest once under their own digests. The ledger has the digests of both and of every piece of
evidence, so an altered one no longer is what its entry says: `difference` finds it, unless a later
entry says that a person's name was replaced there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.canonical import sha256_hex
from pawl.changes.condition import Snapshot
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Attested, Drill
from pawl.changes.gate import Decision, decision_bytes
from pawl.changes.packing import PartKind, named_digest, packed, part_text, unpacked
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.store.records.change_rows import first_difference
from pawl.store.records.connection import Connection, Row, insert
from pawl.store.records.ledger import OF_SUBJECT, append, entries

_HAS_PART = "SELECT digest FROM gate_parts WHERE digest = :digest AND kind = :kind"
_PART = "SELECT body FROM gate_parts WHERE digest = :digest AND kind = :kind"
_HAS = "SELECT id FROM gate_decisions WHERE id = :id"
_DECISION = "SELECT id, change_id, body, snapshot FROM gate_decisions WHERE id = :id"
_LIKE = "SELECT id FROM gate_decisions WHERE id LIKE :start ORDER BY id LIMIT 2"
_OF_CHANGE = """
SELECT id, body FROM gate_decisions WHERE change_id = :change ORDER BY at DESC, id LIMIT :limit
"""
_NEWEST = "SELECT id, body, snapshot FROM gate_decisions ORDER BY at DESC, id LIMIT :limit"
_DECISIONS = """
SELECT id, body, snapshot FROM gate_decisions WHERE id > :after ORDER BY id LIMIT 200
"""
_ALL_PIECES = "SELECT id, body FROM change_evidence WHERE id > :after ORDER BY id LIMIT 200"
_PIECE = "SELECT body FROM change_evidence WHERE id = :id"
_PIECES = "SELECT body FROM change_evidence WHERE digest = :digest ORDER BY recorded_at, id"
_RECORDED = f"SELECT body {OF_SUBJECT} ORDER BY seq"
_ATTESTED = "SELECT body FROM change_attestations WHERE digest = :digest ORDER BY at, id"
_DRILLS = """
SELECT body FROM change_drills WHERE component = :component ORDER BY at DESC, id DESC LIMIT :limit
"""
_DRILLS_BETWEEN = """
SELECT body FROM change_drills WHERE at >= :since AND at < :until ORDER BY at, id
"""
_FORGOTTEN = "SELECT body FROM ledger WHERE subject = 'person' AND type = :type ORDER BY seq"
DRILLS_OF_ONE = 20
"""Newest drills of a component that a gate is shown; it asks for the newest."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it is stored. `altered` says that a forgotten person's names were replaced."""

    id: str
    change: str
    body: bytes
    snapshot: bytes
    altered: bool = False


class GateBook:
    """What gates rest on and said, in one transaction."""

    _connection: Connection

    def decided(self, snapshot: Snapshot, decision: Decision, actor: Actor) -> str:
        """Keep a decision with its snapshot, and return its id; the same one twice is one."""
        body = decision_bytes(decision)
        identity = sha256_hex(body)
        if self._connection.execute(_HAS, {"id": identity}):
            return identity
        kept = packed(snapshot)
        for (kind, digest), part in kept.parts.items():
            if not self._connection.execute(_HAS_PART, {"digest": digest, "kind": kind}):
                own = {"digest": digest, "kind": kind, "body": part_text(part).decode()}
                insert(self._connection, "gate_parts", own)
        draft = Draft(
            type=EntryType.GATE_DECIDED.value,
            subject=decision.change,
            actor=actor,
            body={
                "allowed": decision.allowed,
                "decision": identity,
                "moment": decision.moment,
                "snapshot": sha256_hex(kept.text),
                "verdict": decision.verdict.value,
            },
            claimed_at=decision.at,
            recorded_at=decision.at,
            idempotency_key=f"{EntryType.GATE_DECIDED}|{identity}",
            policy_digest=decision.policy_digest,
        )
        append(self._connection, draft)
        row: Row = {
            "id": identity,
            "change_id": decision.change,
            "moment": decision.moment,
            "at": decision.at,
            "allowed": int(decision.allowed),
            "body": body.decode(),
            "snapshot": kept.text.decode(),
        }
        insert(self._connection, "gate_decisions", row)
        return identity

    def decision(self, identity: str) -> Stored | None:
        """Return a stored decision by its whole id."""
        for row in self._connection.execute(_DECISION, {"id": identity}):
            body = row["body"].encode()
            return Stored(
                id=identity,
                change=row["change_id"],
                body=body,
                snapshot=row["snapshot"].encode(),
                altered=sha256_hex(body) != identity,
            )
        return None

    def decisions_named(self, start: str) -> tuple[str, ...]:
        """Return up to two ids of decisions that begin with some hexadecimal digits."""
        if not start or not set(start) <= set("0123456789abcdef"):
            return ()
        rows = self._connection.execute(_LIKE, {"start": f"{start}%"})
        return tuple(row["id"] for row in rows)

    def decisions_of(self, change: str, limit: int) -> list[tuple[str, Decision]]:
        """Return the newest decisions on a change, newest first."""
        rows = self._connection.execute(_OF_CHANGE, {"change": change, "limit": limit})
        return [(row["id"], typed.decode(row["body"], type=Decision)) for row in rows]

    def newest_decisions(self, limit: int) -> list[tuple[str, Decision]]:
        """Return the newest decisions on all changes, newest first."""
        rows = self._connection.execute(_NEWEST, {"limit": limit})
        return [(row["id"], typed.decode(row["body"], type=Decision)) for row in rows]

    def newest_snapshots(self, limit: int) -> list[Snapshot]:
        """Return the snapshots of the newest decisions, newest first."""
        rows = self._connection.execute(_NEWEST, {"limit": limit})
        return [self.snapshot(row["snapshot"].encode()) for row in rows]

    def snapshot(self, text: bytes) -> Snapshot:
        """Return a snapshot that was kept; raises CannotTell where something of it is gone."""
        return unpacked(text, self._part, self.piece)

    def names_replaced(self) -> frozenset[str]:
        """Return what forgetting has altered in decisions and what they rest on, by place."""
        return frozenset(_forgotten(self._connection))

    def keep_evidence(self, piece: Evidence, actor: Actor, *, change: str) -> bool:
        """Keep a piece of evidence; False where it was kept before."""
        text = msgspec.json.encode(piece, order="deterministic")
        draft = Draft(
            type=EntryType.GATE_EVIDENCE_RECORDED.value,
            subject=piece.digest,
            actor=actor,
            body={
                "change": change,
                "id": piece.id,
                "kind": piece.kind,
                "piece": sha256_hex(text),
                "verdict": piece.verdict.value,
            },
            claimed_at=piece.produced_at,
            recorded_at=piece.recorded_at,
            idempotency_key=f"{EntryType.GATE_EVIDENCE_RECORDED}|{piece.id}",
        )
        if append(self._connection, draft) is None:
            return False
        row = {
            "id": piece.id,
            "digest": piece.digest,
            "recorded_at": piece.recorded_at,
            "body": text.decode(),
        }
        insert(self._connection, "change_evidence", row)
        return True

    def piece(self, identity: str) -> Evidence | None:
        """Return a piece of evidence by its id."""
        rows = self._connection.execute(_PIECE, {"id": identity})
        return typed.decode(rows[0]["body"], type=Evidence) if rows else None

    def evidence(self, digest: str) -> tuple[Evidence, ...]:
        """Return all evidence about a content that is here, oldest first."""
        rows = self._connection.execute(_PIECES, {"digest": digest})
        return tuple(typed.decode(row["body"], type=Evidence) for row in rows)

    def recorded(self, digest: str) -> tuple[str, ...]:
        """Return the ids of all evidence that the ledger knows of a content, here or lost."""
        values = {"subject": digest, "type": EntryType.GATE_EVIDENCE_RECORDED.value}
        rows = self._connection.execute(_RECORDED, values)
        return tuple(str(msgspec.json.decode(row["body"])["id"]) for row in rows)

    def keep_attested(self, attested: Attested, actor: Actor, *, change: str) -> None:
        """Keep that somebody owns a content."""
        body = {"attested": msgspec.to_builtins(attested), "change": change}
        kind = EntryType.GATE_OWNERSHIP_ATTESTED
        if append(self._connection, _draft(kind, change, body, actor, attested.at, attested.id)):
            insert(self._connection, "change_attestations", attested_row(attested))

    def attested(self, digest: str) -> tuple[Attested, ...]:
        """Return who owns a content."""
        rows = self._connection.execute(_ATTESTED, {"digest": digest})
        return tuple(typed.decode(row["body"], type=Attested) for row in rows)

    def keep_drill(self, drill: Drill, actor: Actor, now: str, *, ref: str = "") -> None:
        """Keep that going back was tried."""
        body = {"drill": msgspec.to_builtins(drill), "ref": ref}
        kind = EntryType.DRILL_RECORDED
        if append(self._connection, _draft(kind, drill.component, body, actor, now, drill.id)):
            insert(self._connection, "change_drills", drill_row(drill))

    def drills(self, components: Iterable[str]) -> tuple[Drill, ...]:
        """Return the newest drills of components and of their kinds."""
        wanted = {*components}
        wanted |= {name.partition("/")[0] for name in wanted}
        return tuple(
            typed.decode(row["body"], type=Drill)
            for name in sorted(wanted)
            for row in self._connection.execute(
                _DRILLS, {"component": name, "limit": DRILLS_OF_ONE}
            )
        )

    def _part(self, kind: PartKind, digest: str) -> bytes | None:
        rows = self._connection.execute(_PART, {"digest": digest, "kind": kind})
        return rows[0]["body"].encode() if rows else None


def drills_between(connection: Connection, since: str, until: str) -> tuple[Drill, ...]:
    """Return the rollbacks that were exercised in a window, oldest first."""
    rows = connection.execute(_DRILLS_BETWEEN, {"since": since, "until": until})
    return tuple(typed.decode(row["body"], type=Drill) for row in rows)


def attested_row(attested: Attested) -> Row:
    """Return an attestation as its row."""
    return {
        "id": attested.id,
        "digest": attested.digest,
        "at": attested.at,
        "body": msgspec.json.encode(attested).decode(),
    }


def drill_row(drill: Drill) -> Row:
    """Return a drill as its row."""
    return {
        "id": drill.id,
        "component": drill.component,
        "at": drill.at,
        "body": msgspec.json.encode(drill).decode(),
    }


def remade(connection: Connection) -> dict[str, dict[str, Row]]:
    """Return the rows of attestations and drills that the entries make, by table and id."""
    found: dict[str, dict[str, Row]] = {"change_attestations": {}, "change_drills": {}}
    for entry in entries(connection, EntryType.GATE_OWNERSHIP_ATTESTED.value):
        attested = typed.convert(msgspec.json.decode(entry.body)["attested"], Attested)
        found["change_attestations"][attested.id] = attested_row(attested)
    for entry in entries(connection, EntryType.DRILL_RECORDED.value):
        drill = typed.convert(msgspec.json.decode(entry.body)["drill"], Drill)
        found["change_drills"][drill.id] = drill_row(drill)
    return found


def remake(connection: Connection) -> None:
    """Make the tables of attestations and drills anew of the entries."""
    for table, rows in remade(connection).items():
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        if rows:
            insert(connection, table, *rows.values())


def difference(connection: Connection) -> Difference | None:
    """Return the first row that is not what its entry says, or that has none."""
    forgotten = _forgotten(connection)
    return (
        _decisions_differ(connection, forgotten)
        or _parts_differ(connection, forgotten)
        or _evidence_differs(connection, forgotten)
        or _told_differ(connection)
    )


def _paged(connection: Connection, statement: str) -> Iterator[Row]:
    """Yield the rows of a table by their ids, a few hundred in memory at once."""
    rows = connection.execute(statement, {"after": ""})
    while rows:
        yield from rows
        rows = connection.execute(statement, {"after": rows[-1]["id"]})


def _told_differ(connection: Connection) -> Difference | None:
    for table, wanted in remade(connection).items():
        rows = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
        found = first_difference(table, wanted, {row["id"]: row for row in rows})
        if found is not None:
            return found
    return None


def _decisions_differ(connection: Connection, forgotten: Mapping[str, str]) -> Difference | None:
    said: dict[str, str] = {}
    for entry in entries(connection, EntryType.GATE_DECIDED.value):
        body = msgspec.json.decode(entry.body)
        said[body["decision"]] = body["snapshot"]
    for row in _paged(connection, _DECISIONS):
        place = f"gate_decisions {row['id']}"
        snapshot = said.pop(row["id"], None)
        if snapshot is None:
            return _differs(place, "no row", "a row")
        for name, wanted in (("body", row["id"]), ("snapshot", snapshot)):
            found = sha256_hex(row[name].encode())
            if found not in (wanted, forgotten.get(f"{place} {name}")):
                return _differs(f"{place} {name}", wanted, found)
    for identity in sorted(said)[:1]:
        return _differs(f"gate_decisions {identity}", "a row", "none")
    return None


def _parts_differ(connection: Connection, forgotten: Mapping[str, str]) -> Difference | None:
    for row in connection.execute("SELECT digest, kind, body FROM gate_parts"):
        place = f"gate_parts {row['kind']} {row['digest']}"
        text = row["body"].encode()
        if forgotten.get(place) == sha256_hex(text):
            continue
        try:
            found = named_digest(row["kind"], text)
        except (KeyError, ValueError) as error:
            found = f"nothing that reads: {error}"[:200]
        if found != row["digest"]:
            return _differs(place, row["digest"], found)
    return None


def _evidence_differs(connection: Connection, forgotten: Mapping[str, str]) -> Difference | None:
    said: dict[str, str] = {}
    for entry in entries(connection, EntryType.GATE_EVIDENCE_RECORDED.value):
        body = msgspec.json.decode(entry.body)
        said[body["id"]] = body["piece"]
    for row in _paged(connection, _ALL_PIECES):
        place = f"change_evidence {row['id']}"
        wanted = said.pop(row["id"], None)
        if wanted is None:
            return _differs(place, "no row", "a row")
        found = sha256_hex(row["body"].encode())
        if found not in (wanted, forgotten.get(place)):
            return _differs(place, wanted, found)
    for identity in sorted(said)[:1]:
        return _differs(f"change_evidence {identity}", "a row", "none")
    return None


def _forgotten(connection: Connection) -> dict[str, str]:
    """Return what forgetting has altered in the rows of this module: the digest by place."""
    values = {"type": EntryType.PERSON_FORGOTTEN.value}
    found: dict[str, str] = {}
    for row in connection.execute(_FORGOTTEN, values):
        said = msgspec.json.decode(row["body"])
        found |= dict(said.get("rows", ()))
    return found


def _differs(place: str, expected: str, found: str) -> Difference:
    return Difference(kind="table", place=place, expected=expected, found=found)


def _draft(
    kind: EntryType, subject: str, body: dict[str, Any], actor: Actor, now: str, key: str
) -> Draft:
    return Draft(
        type=kind.value,
        subject=subject,
        actor=actor,
        body=body,
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{kind}|{key}",
    )
