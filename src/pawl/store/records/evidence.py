"""Evidence in the records: batches of immutable records, each batch bound by one ledger entry.

The ledger keeps a batch's root, the digest of its records' ids, and the digest of the assessment
that was made of it; both themselves stand in tables of their own. A record that was altered no
longer has the id it is filed under, a batch that lost or gained one no longer has its root, and
an assessment that was altered no longer has its digest: `difference` finds each.
"""

import re
import zlib
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from pawl.base import typed
from pawl.base.canonical import digest, sha256_hex
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.maturity.evidence import Record, is_whole
from pawl.maturity.inputs import Inputs
from pawl.maturity.verdict import Assessment, levels_of
from pawl.store.records.connection import Connection, Engine, Row, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import OF_SUBJECT, append, entries

PAST_DAYS = 400
"""Days of earlier evidence that judge with today's: twice the longest time anything must hold."""
_SEEN_AT_MOST = 200
"""Newest assessments whose commits are looked for again: a daily one's over half a year."""

_KNOWN = "SELECT digest FROM assessments WHERE digest = :name"
_OF = """
SELECT body FROM evidence
WHERE subject = :subject AND observed_at >= :since AND observed_at < :until
ORDER BY observed_at
"""
_COUNT = """
SELECT COUNT(DISTINCT body) AS records FROM evidence
WHERE subject = :subject AND observed_at >= :since
"""
_LAST = """
SELECT MAX(observed_at) AS at FROM evidence WHERE subject = :subject AND observed_at < :until
"""
_ASSESSMENT = """
SELECT body FROM assessments WHERE subject = :subject AND digest LIKE :digest ESCAPE '/'
ORDER BY as_of DESC, digest LIMIT 1
"""
_ENTRIES = f"SELECT seq, body {OF_SUBJECT} ORDER BY seq"
_SEEN = f"SELECT body {OF_SUBJECT} ORDER BY seq DESC LIMIT :most"
_FILED = "SELECT id, batch FROM evidence WHERE subject = :subject"
_SUBJECTS = "SELECT DISTINCT subject FROM evidence"
_BATCHES = "SELECT DISTINCT batch FROM evidence"
_BATCH = "SELECT id, body FROM evidence WHERE batch = :batch"
_MADE = "SELECT body FROM assessments WHERE digest = :name"


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Records taken together in one look at one subject, and the assessment made of them.

    `inputs` are everything else that the assessment was made of; its own records are not kept
    with it, since the table of evidence has them.
    """

    assessment: Assessment
    inputs: Inputs
    records: tuple[Record, ...]
    on_default_since: str | None = None
    """When the assessed commit was committed, where it is one of the default branch."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment as it is kept: with its inputs, but for the records."""

    assessment: Assessment
    inputs: Inputs


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """What one assessment measured: levels by model and dimension. None: no level published."""

    digest: str
    as_of: str
    levels: dict[str, dict[str, int] | None]


class EvidenceRecords:
    """Evidence of every subject. Records are added and read, never changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, batch: Batch, actor: Actor, now: str) -> bool:
        """Keep a batch; False when it was kept before, which changes nothing."""
        made = batch.assessment
        root = root_of(record.id for record in batch.records)
        text = msgspec.json.encode(
            Kept(assessment=made, inputs=msgspec.structs.replace(batch.inputs, records=()))
        )
        name = sha256_hex(text)
        draft = Draft(
            type=EntryType.EVIDENCE_RECORDED.value,
            subject=made.subject,
            actor=actor,
            body={
                "as_of": made.as_of,
                "commit": made.commit,
                "tree": made.tree,
                "records": len(batch.records),
                "root": root,
                "assessment": name,
                "levels": levels_of(made),
                **({"on_default_since": batch.on_default_since} if batch.on_default_since else {}),
            },
            claimed_at=made.as_of,
            recorded_at=now,
            idempotency_key=f"evidence:{made.subject}:{root}",
        )
        with writing(self._engine) as connection:
            if append(connection, draft) is None:
                return False
            rows = _rows(batch.records, root)
            if rows:
                insert(connection, "evidence", *rows)
            if not connection.execute(_KNOWN, {"name": name}):
                row = {"digest": name, "subject": made.subject, "as_of": made.as_of}
                insert(connection, "assessments", row | {"body": zlib.compress(text)})
        return True

    def of(self, subject: str, since: str = "", until: str = "\uffff") -> tuple[Record, ...]:
        """Return a subject's records first seen in `[since, until)`, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(_OF, {"subject": subject, "since": since, "until": until})
        # A record may stand in several batches, when a look is repeated at the same time.
        found = map(_record, dict.fromkeys(row["body"] for row in rows))
        # The index has them by time. To sort within a time the database would copy them all.
        return tuple(sorted(found, key=lambda each: (each.observed_at, each.probe, each.id)))

    def count(self, subject: str, since: str) -> int:
        """Return how many of a subject's records were first seen at a canonical time or later."""
        with reading(self._engine) as connection:
            (row,) = connection.execute(_COUNT, {"subject": subject, "since": since})
        return int(row["records"])

    def newest(self, subject: str, until: str) -> tuple[Record, ...]:
        """Return the records of a subject's last look before a canonical time."""
        with reading(self._engine) as connection:
            (row,) = connection.execute(_LAST, {"subject": subject, "until": until})
        at = row["at"]
        return () if at is None else self.of(subject, since=at, until=until)

    def assessment(self, subject: str, name: str | None = None) -> Assessment | None:
        """Return a subject's newest assessment, or the one whose digest begins with `name`."""
        kept = self._kept(subject, name)
        return None if kept is None else kept.assessment

    def inputs(self, subject: str, name: str | None = None) -> Inputs | None:
        """Return everything that an assessment was made of, its records included."""
        kept = self._kept(subject, name)
        if kept is None:
            return None
        since = format_time(parse_time(kept.assessment.as_of) - timedelta(days=PAST_DAYS))
        records = self.of(subject, since=since, until=f"{kept.assessment.as_of}~")
        return msgspec.structs.replace(kept.inputs, records=records)

    def _kept(self, subject: str, name: str | None) -> Kept | None:
        begins = "" if name is None else re.sub(r"[/%_]", r"/\g<0>", name)
        with reading(self._engine) as connection:
            rows = connection.execute(_ASSESSMENT, {"subject": subject, "digest": f"{begins}%"})
        return typed.decode(zlib.decompress(rows[0]["body"]), type=Kept) if rows else None

    def trend(self, subject: str) -> tuple[Point, ...]:
        """Return what every assessment of a subject measured, oldest first, from the ledger."""
        with reading(self._engine) as connection:
            rows = _entries(connection, subject)
        bodies = [msgspec.json.decode(row["body"]) for row in rows]
        points = [
            Point(digest=body["assessment"], as_of=body["as_of"], levels=body["levels"])
            for body in bodies
        ]
        return tuple(sorted(points, key=lambda point: point.as_of))

    def seen_commits(self, subject: str, since: str, until: str) -> dict[str, str]:
        """Return commits of the default branch that assessments in `[since, until)` looked at.

        By commit, when it was committed; of the newest assessments, from the ledger.
        """
        asked = {"subject": subject, "type": EntryType.EVIDENCE_RECORDED.value}
        with reading(self._engine) as connection:
            rows = connection.execute(_SEEN, asked | {"most": _SEEN_AT_MOST})
        bodies = [msgspec.json.decode(row["body"]) for row in rows]
        return {
            body["commit"]: body["on_default_since"]
            for body in bodies
            if "on_default_since" in body and since <= body["as_of"] < until
        }

    def ledger_entries(self, subject: str) -> dict[str, int]:
        """Return the number of the ledger entry that binds each record, by record id."""
        with reading(self._engine) as connection:
            made = _entries(connection, subject)
            filed = connection.execute(_FILED, {"subject": subject})
        by_root = {msgspec.json.decode(row["body"])["root"]: row["seq"] for row in made}
        return {row["id"]: by_root[row["batch"]] for row in filed if row["batch"] in by_root}

    def subjects(self) -> tuple[str, ...]:
        """Return every subject there is evidence about, sorted."""
        with reading(self._engine) as connection:
            return tuple(sorted(row["subject"] for row in connection.execute(_SUBJECTS)))


def root_of(ids: Iterable[str]) -> str:
    """Return the root of a set of records: the digest of their sorted ids."""
    return digest(sorted(ids))


def difference(connection: Connection) -> Difference | None:
    """Return the first batch that is not what the ledger says, or the first altered record."""
    known: set[str] = set()
    for entry in entries(connection, EntryType.EVIDENCE_RECORDED):
        body = msgspec.json.decode(entry.body)
        known.add(body["root"])
        found = _batch_difference(connection, body["root"], entry.seq)
        found = found or _assessment_difference(connection, body["assessment"], entry.seq)
        if found is not None:
            return found
    for row in connection.execute(_BATCHES):
        if row["batch"] not in known:
            return Difference(
                kind="table",
                place="evidence",
                expected="a batch that the ledger knows",
                found=row["batch"],
            )
    return None


def _batch_difference(connection: Connection, root: str, seq: int) -> Difference | None:
    ids = []
    for row in connection.execute(_BATCH, {"batch": root}):
        ids.append(row["id"])
        try:
            record = _record(row["body"])
        except msgspec.DecodeError as error:
            return _altered(row["id"], f"a record that does not read: {error}")
        if record.id != row["id"] or not is_whole(record):
            return _altered(row["id"], "a record of other content")
    if root_of(ids) != root:
        return Difference(
            kind="table",
            place=f"entry {seq}",
            expected=f"records with the root {root}",
            found=f"{len(ids)} records with the root {root_of(ids)}",
        )
    return None


def _assessment_difference(connection: Connection, name: str, seq: int) -> Difference | None:
    rows = connection.execute(_MADE, {"name": name})
    try:
        found = sha256_hex(zlib.decompress(rows[0]["body"])) if rows else "none"
    except (zlib.error, TypeError):  # SQLite keeps whatever it is given.
        found = "bytes that do not unpack"
    if found == name:
        return None
    return Difference(
        kind="table", place=f"entry {seq}", expected=f"the assessment {name}", found=found
    )


def _altered(identity: str, found: str) -> Difference:
    return Difference(
        kind="table", place=f"evidence {identity}", expected="the record of that id", found=found
    )


def _rows(records: Iterable[Record], batch: str) -> list[Row]:
    return [
        {
            "id": record.id,
            "batch": batch,
            "subject": record.subject,
            "probe": record.probe,
            "outcome": record.outcome.value,
            "observed_at": record.observed_at,
            "body": msgspec.json.encode(record).decode(),
        }
        for record in records
    ]


def _entries(connection: Connection, subject: str) -> list[Row]:
    wanted = {"subject": subject, "type": EntryType.EVIDENCE_RECORDED.value}
    return connection.execute(_ENTRIES, wanted)


_record = typed.decoder(Record).decode
