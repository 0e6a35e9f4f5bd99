"""Entries are found by type, subject and time, page by page; the tree grows where it was left."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawl.governance.ledger import PAWL, Claim, Draft, Entry
from pawl.governance.merkle import included, inclusion_ranges, root_of
from pawl.store.records import FILE_NAME
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records, reading, writing
from pawl.store.records.ledger import OF_SUBJECT, append, entries
from pawl.store.records.ledger_queries import Asked, LedgerQueries, TreeBroken, grow

KINDS = ("run.started", "run.settled", "budget.raised")


def at(number: int) -> str:
    return f"2026-11-{1 + number // 24:02d}T{number % 24:02d}:00:00.000000Z"


def fill(engine: Engine, count: int, first: int = 0) -> None:
    with writing(engine) as connection:
        for number in range(first, first + count):
            draft = Draft(
                type=KINDS[number % 3], subject=f"s{number % 4}", actor=PAWL, body={"n": number},
                claimed_at=at(number), recorded_at=at(number), idempotency_key=f"k{number}",
            )  # fmt: skip
            append(connection, draft)


def every(engine: Engine) -> list[Entry]:
    with reading(engine) as connection:
        return list(entries(connection))


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(type="run."),
        Asked(type="run.settled"),
        Asked(type="nothing."),
        Asked(subject="s3"),
        Asked(type="run.", subject="s2", since=at(10)),
        Asked(since=at(5), until=at(20)),
        Asked(since=at(500)),
        Asked(until=at(0)),
    ],
)
def test_pages_hold_what_matches_and_all_of_it(engine: Engine, asked: Asked) -> None:
    """Newest first, each page going on where the last one ended."""
    fill(engine, 30)
    wanted = [
        entry
        for entry in reversed(every(engine))
        if (asked.type is None or entry.type.startswith(asked.type))
        and (asked.subject is None or entry.subject == asked.subject)
        and (asked.since is None or entry.recorded_at >= asked.since)
        and (asked.until is None or entry.recorded_at < asked.until)
    ]
    queries, before = LedgerQueries(engine), None
    found: list[Entry] = []
    while True:
        page = queries.page(msgspec.structs.replace(asked, limit=4, before=before))
        found += page.entries
        before = page.before
        if before is None:
            break
    assert found == wanted


def test_one_entry_is_found_by_its_number(engine: Engine) -> None:
    """And none by another."""
    fill(engine, 3)
    assert LedgerQueries(engine).entry(2) == every(engine)[1]
    assert LedgerQueries(engine).entry(4) is None


def test_the_tree_grows_from_where_it_was_left(engine: Engine) -> None:
    """Whatever was appended between, the root is that of all entries; nothing new is no growth."""
    state, root = grow(engine, None)
    assert (state.size, root) == (0, hashlib.sha256(b"").digest())
    for count in (1, 6, 0, 9):
        fill(engine, count, state.size)
        state, root = grow(engine, state)
        assert root == root_of(bytes.fromhex(entry.hash) for entry in every(engine))
    leaf = bytes.fromhex(every(engine)[4].hash)
    path = LedgerQueries(engine).range_roots(inclusion_ranges(4, 16), 16)
    assert included(leaf, 4, 16, path, root)
    with pytest.raises(ValueError):
        LedgerQueries(engine).range_roots([(0, 17)], 17)


def test_a_tree_does_not_grow_over_a_rewritten_ledger(engine: Engine) -> None:
    """A newest entry that is gone or another, or a number left out, is told in words."""
    fill(engine, 5)
    state, _ = grow(engine, None)
    fill(engine, 2, 5)
    with writing(engine) as connection:
        connection.execute("UPDATE ledger SET hash = :hash WHERE seq = 5", {"hash": "0" * 64})
    with pytest.raises(TreeBroken, match="not the one"):
        grow(engine, state)
    with writing(engine) as connection:
        connection.execute("DELETE FROM ledger WHERE seq = 5")
    with pytest.raises(TreeBroken, match="is gone"):
        grow(engine, state)
    with pytest.raises(TreeBroken, match="after entry 4 comes entry 6"):
        grow(engine, None)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Claim]:
    """A ledger in a file, and what a checkpoint of it claims."""
    folder = tmp_path_factory.mktemp("ledger")
    engine = open_records(folder)
    fill(engine, 6)
    _, root = grow(engine, None)
    engine.dispose()
    return folder, Claim(size=6, root=root.hex())


TEXTS = (
    "prev_hash", "type", "subject", "actor", "body_digest", "claimed_at", "recorded_at",
    "idempotency_key", "body", "hash",
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    seq=st.integers(1, 6),
    column=st.sampled_from(TEXTS),
    place=st.integers(0, 200),
    byte=st.integers(0, 255),
)
def test_any_byte_of_the_stored_rows_is_guarded(
    written: tuple[Path, Claim], seq: int, column: str, place: int, byte: int
) -> None:
    """Whatever byte of whatever text of whatever row is another one, it is found, and named."""
    folder, claim = written
    raw = sqlite3.connect(folder / FILE_NAME)
    try:
        raw.text_factory = bytes
        (old,) = raw.execute(f"SELECT {column} FROM ledger WHERE seq = ?", (seq,)).fetchone()
        place %= len(old)
        new = old[:place] + bytes([byte]) + old[place + 1 :]
        change = f"UPDATE ledger SET {column} = CAST(? AS TEXT) WHERE seq = ?"
        try:
            raw.execute(change, (new, seq))
        except sqlite3.IntegrityError:
            return  # Another row has that value already.
        raw.commit()
        engine = open_records(folder)
        try:
            report = check(engine, claims=[claim])
        finally:
            engine.dispose()
        raw.execute(change, (old, seq))
        raw.commit()
    finally:
        raw.close()
    if new == old or (column == "actor" and msgspec.json.decode(old) == _json(new)):
        assert report.truncation_excluded
        return
    assert report.difference is not None
    assert report.difference.place in (f"entry {seq}", f"entry {seq + 1}")


def _json(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def test_one_subject_of_one_type_is_found_by_the_subject(tmp_path: Path) -> None:
    """Of one type there may be a million entries: SQLite must not walk through them."""
    open_records(tmp_path).dispose()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        asked = f"EXPLAIN QUERY PLAN SELECT body {OF_SUBJECT} ORDER BY seq"
        plan = connection.execute(asked, {"subject": "s", "type": "t"}).fetchall()
    assert [row[3] for row in plan] == ["SEARCH ledger USING INDEX ledger_subject (subject=?)"]
