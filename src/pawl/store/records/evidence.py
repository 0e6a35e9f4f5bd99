"""Evidence in the records: batches of immutable records, each batch bound by one ledger entry.

The ledger keeps a batch's root, the digest of its records' ids, and the digest of the assessment
that was made of it; both themselves stand in tables of their own. A record that was altered no
longer has the id it is filed under, a batch that lost or gained one no longer has its root, and
an assessment that was altered no longer has its digest: `difference` finds each.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select

from pawl.base.canonical import digest, sha256_hex
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.maturity.evidence import Record, is_whole
from pawl.maturity.inputs import Inputs
from pawl.maturity.verdict import Assessment, levels_of
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append, entries
from pawl.store.records.tables import assessments, evidence, ledger

PAST_DAYS = 400
"""Days of earlier evidence that judge with today's: twice the longest time anything must hold."""
_ROWS_AT_ONCE = 500
"""Rows of one statement; SQLite takes a bounded number of parameters."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Records taken together in one look at one subject, and the assessment made of them.

    `inputs` are everything else that the assessment was made of; its own records are not kept
    with it, since the table of evidence has them.
    """

    assessment: Assessment
    inputs: Inputs
    records: tuple[Record, ...]


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
            },
            claimed_at=made.as_of,
            recorded_at=now,
            idempotency_key=f"evidence:{made.subject}:{root}",
        )
        with writing(self._engine) as connection:
            if append(connection, draft) is None:
                return False
            for rows in _pages(_rows(batch.records, root)):
                connection.execute(insert(evidence), rows)
            known = select(assessments.c.digest).where(assessments.c.digest == name)
            if connection.execute(known).first() is None:
                row = {"digest": name, "subject": made.subject, "as_of": made.as_of}
                connection.execute(insert(assessments).values(**row, body=zlib.compress(text)))
        return True

    def of(self, subject: str, since: str = "", until: str = "\uffff") -> tuple[Record, ...]:
        """Return a subject's records first seen in `[since, until)`, oldest first."""
        wanted = (
            select(evidence.c.body)
            .where(
                evidence.c.subject == subject,
                evidence.c.observed_at >= since,
                evidence.c.observed_at < until,
            )
            .order_by(evidence.c.observed_at, evidence.c.probe, evidence.c.id)
        )
        with reading(self._engine) as connection:
            # A record may stand in several batches, when a look is repeated at the same time.
            bodies = dict.fromkeys(row.body for row in connection.execute(wanted))
        return tuple(map(_record, bodies))

    def newest(self, subject: str, until: str) -> tuple[Record, ...]:
        """Return the records of a subject's last look before a canonical time."""
        last = select(func.max(evidence.c.observed_at)).where(
            evidence.c.subject == subject, evidence.c.observed_at < until
        )
        with reading(self._engine) as connection:
            at = connection.execute(last).scalar_one()
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
        wanted = select(assessments.c.body).where(assessments.c.subject == subject)
        if name is not None:
            wanted = wanted.where(assessments.c.digest.startswith(name, autoescape=True))
        newest = wanted.order_by(assessments.c.as_of.desc(), assessments.c.digest).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).first()
        if row is None:
            return None
        return msgspec.json.decode(zlib.decompress(row.body), type=Kept)

    def trend(self, subject: str) -> tuple[Point, ...]:
        """Return what every assessment of a subject measured, oldest first, from the ledger."""
        wanted = (
            select(ledger.c.body)
            .where(ledger.c.subject == subject, ledger.c.type == EntryType.EVIDENCE_RECORDED.value)
            .order_by(ledger.c.seq)
        )
        with reading(self._engine) as connection:
            bodies = [msgspec.json.decode(row.body) for row in connection.execute(wanted)]
        points = [
            Point(digest=body["assessment"], as_of=body["as_of"], levels=body["levels"])
            for body in bodies
        ]
        return tuple(sorted(points, key=lambda point: point.as_of))

    def ledger_entries(self, subject: str) -> dict[str, int]:
        """Return the number of the ledger entry that binds each record, by record id."""
        made = select(ledger.c.seq, ledger.c.body).where(
            ledger.c.subject == subject, ledger.c.type == EntryType.EVIDENCE_RECORDED.value
        )
        filed = select(evidence.c.id, evidence.c.batch).where(evidence.c.subject == subject)
        with reading(self._engine) as connection:
            by_root = {
                msgspec.json.decode(row.body)["root"]: row.seq for row in connection.execute(made)
            }
            rows = connection.execute(filed).all()
        return {row.id: by_root[row.batch] for row in rows if row.batch in by_root}

    def subjects(self) -> tuple[str, ...]:
        """Return every subject there is evidence about, sorted."""
        with reading(self._engine) as connection:
            found = connection.execute(select(evidence.c.subject).distinct())
            return tuple(sorted(row.subject for row in found))


def root_of(ids: Iterable[str]) -> str:
    """Return the root of a set of records: the digest of their sorted ids."""
    return digest(sorted(ids))


def difference(connection: Connection) -> Difference | None:
    """Return the first batch that is not what the ledger says, or the first altered record."""
    known: set[str] = set()
    for entry in entries(connection):
        if entry.type != EntryType.EVIDENCE_RECORDED:
            continue
        body = msgspec.json.decode(entry.body)
        known.add(body["root"])
        found = _batch_difference(connection, body["root"], entry.seq)
        found = found or _assessment_difference(connection, body["assessment"], entry.seq)
        if found is not None:
            return found
    for row in connection.execute(select(evidence.c.batch).distinct()):
        if row.batch not in known:
            return Difference(
                kind="table",
                place="evidence",
                expected="a batch that the ledger knows",
                found=row.batch,
            )
    return None


def _batch_difference(connection: Connection, root: str, seq: int) -> Difference | None:
    ids = []
    rows = connection.execute(
        select(evidence.c.id, evidence.c.body).where(evidence.c.batch == root)
    )
    for row in rows:
        ids.append(row.id)
        try:
            record = _record(row.body)
        except msgspec.DecodeError as error:
            return _altered(row.id, f"a record that does not read: {error}")
        if record.id != row.id or not is_whole(record):
            return _altered(row.id, "a record of other content")
    if root_of(ids) != root:
        return Difference(
            kind="table",
            place=f"entry {seq}",
            expected=f"records with the root {root}",
            found=f"{len(ids)} records with the root {root_of(ids)}",
        )
    return None


def _assessment_difference(connection: Connection, name: str, seq: int) -> Difference | None:
    row = connection.execute(select(assessments.c.body).where(assessments.c.digest == name)).first()
    try:
        found = "none" if row is None else sha256_hex(zlib.decompress(row.body))
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


def _rows(records: Sequence[Record], batch: str) -> Iterator[dict[str, str]]:
    for record in records:
        yield {
            "id": record.id,
            "batch": batch,
            "subject": record.subject,
            "probe": record.probe,
            "outcome": record.outcome.value,
            "observed_at": record.observed_at,
            "body": msgspec.json.encode(record).decode(),
        }


def _pages(rows: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    while page := list(islice(rows, _ROWS_AT_ONCE)):
        yield page


def _record(body: str) -> Record:
    return msgspec.json.decode(body, type=Record)
