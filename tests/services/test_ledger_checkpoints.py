"""Checkpoints: one key, signed as the ledger grows, kept everywhere, refused over a rewriting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pawl.base.errors import BadFile, BadValue, CannotTell, Unavailable
from pawl.governance.ledger import PAWL, Actor, Draft
from pawl.governance.note import TreeHead
from pawl.services.ledger import Ledger
from pawl.services.ledger_checkpoints import EDGE, Checkpoints, LedgerRewritten
from pawl.services.ledger_evidence import evidence
from pawl.services.ledger_export import verify_export
from pawl.services.ledger_keeper import LedgerKeeper
from pawl.services.ledger_keys import SIGNING_KEY, kept_key, make_key
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records, writing
from pawl.store.records.forgetting import forget
from pawl.store.records.ledger import append

AT = "2026-11-21T12:00:00.000000Z"
NAME = "example.org/ledger"
ADA = Actor(person="ada@example.org", source="git-config", assurance="declared")


class Files:
    """Small files in memory."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        return self.held.get(name)

    def replace(self, name: str, content: bytes) -> None:
        self.held[name] = content

    def create(self, name: str, content: bytes) -> bool:
        return self.held.setdefault(name, content) is content


class Shelf:
    """A place that keeps, or does not."""

    def __init__(self, failure: str = "") -> None:
        self.notes: list[str] = []
        self.failure = failure

    def keep(self, note: str, head: TreeHead) -> str:
        if self.failure:
            raise Unavailable(self.failure)
        self.notes.append(note)
        return f"shelf, {head.size}"

    def kept(self) -> tuple[tuple[str, str], ...]:
        return tuple(("shelf", note) for note in self.notes)


def fill(engine: Engine, first: int, last: int, actor: Actor = PAWL) -> None:
    with writing(engine) as connection:
        for number in range(first, last + 1):
            draft = Draft(
                type="rules.tested", subject=f"s{number}", actor=actor, body={"n": number},
                claimed_at=AT, recorded_at=AT, idempotency_key=f"k{number}",
            )  # fmt: skip
            append(connection, draft)


def spoil(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.execute(statement)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_records(tmp_path / "data")
    yield engine
    engine.dispose()


@pytest.fixture
def files() -> Files:
    files = Files()
    make_key(files, NAME, bytes(range(32)))
    return files


def signer(engine: Engine, files: Files, **places: Shelf) -> Checkpoints:
    return Checkpoints(engine, files, lambda: AT, places)


def test_a_key_is_made_once_and_read_again(files: Files) -> None:
    """The same key comes back; a second one is refused, and so are names that are none."""
    kept = kept_key(files)
    assert kept is not None
    assert kept.verifier.name == NAME
    with pytest.raises(BadValue, match="there is a key already"):
        make_key(files, NAME, bytes(32))
    with pytest.raises(BadValue):
        make_key(Files(), "two words", bytes(32))
    files.held[SIGNING_KEY] = files.held[SIGNING_KEY].replace(b"example", b"exomple")
    with pytest.raises(BadFile) as told:
        kept_key(files)
    assert "AAEC" not in str(told.value)


def test_without_a_key_nothing_is_signed(engine: Engine) -> None:
    """It cannot be told, and the hint says how to make one."""
    with pytest.raises(CannotTell, match="pawl ledger key"):
        signer(engine, Files()).sign()


def test_a_growing_ledger_is_verified_against_each_of_its_checkpoints(
    engine: Engine, files: Files
) -> None:
    """Older and newer ones agree, and the key signed each; another key did not."""
    shelf = Shelf()
    checkpoints = signer(engine, files, shelf=shelf)
    for last in (3, 4, 9):
        fill(engine, checkpoints.size() + 1, last)
        checkpoints.put(checkpoints.sign())
    kept, other = kept_key(files), make_key(Files(), NAME, bytes(32))
    assert kept is not None
    ledger = Ledger(engine, lambda: AT)
    report = ledger.verify(texts=shelf.kept(), keys=[kept.verifier])
    assert (report.intact, report.truncation_excluded) == (True, True)
    assert [(each.size, each.signature) for each in report.checkpoints] == [
        (3, "holds"), (4, "holds"), (9, "holds"),
    ]  # fmt: skip
    found = ledger.verify(texts=shelf.kept(), keys=[other.verifier]).difference
    assert found is not None
    assert found.kind == "signature"
    assert ledger.verify(texts=shelf.kept()).checkpoints[0].signature == "not checked"
    spoil(engine, "DELETE FROM ledger WHERE seq > 7")
    found = ledger.verify(texts=shelf.kept()).difference
    assert found is not None
    assert (found.kind, found.found) == ("checkpoint", "the ledger ends at entry 7")


def test_a_rewritten_ledger_is_not_signed_again(engine: Engine, files: Files) -> None:
    """Nor one that lost entries, nor one whose memory was damaged; anew only when told so."""
    checkpoints = signer(engine, files)
    fill(engine, 1, 5)
    before = checkpoints.sign()
    assert checkpoints.sign() == before
    spoil(engine, "DELETE FROM ledger WHERE seq = 5")
    with pytest.raises(LedgerRewritten, match="entry 5 was there and is gone"):
        checkpoints.sign()
    assert checkpoints.sign(anew=True).head.size == 4
    files.held[EDGE] = b"{}"
    with pytest.raises(LedgerRewritten, match="does not read"):
        checkpoints.sign()


def test_a_place_that_fails_keeps_no_other_from_keeping(engine: Engine, files: Files) -> None:
    """What went wrong is told with the place's name."""
    fill(engine, 1, 2)
    good, bad = Shelf(), Shelf("the disk is full.")
    checkpoints = signer(engine, files, bad=bad, good=good)
    first, second = checkpoints.put(checkpoints.sign())
    assert (first.name, first.failure) == ("bad", "the disk is full.")
    assert (second.name, second.where) == ("good", "shelf, 2")


def test_a_signed_root_from_before_an_erasure_still_fits(
    engine: Engine, files: Files, tmp_path: Path
) -> None:
    """A person is forgotten: checkpoints, proofs of others and later checkpoints all hold."""
    shelf = Shelf()
    checkpoints = signer(engine, files, shelf=shelf)
    fill(engine, 1, 4)
    fill(engine, 5, 6, ADA)
    before = checkpoints.sign()
    checkpoints.put(before)
    ledger = Ledger(engine, lambda: AT)
    proof = ledger.prove(5, before)
    assert forget(engine, (ADA.person,), PAWL, AT, reason="asked", key="k").entries == 2
    checkpoints.put(checkpoints.sign())
    kept = kept_key(files)
    assert kept is not None
    report = ledger.verify(texts=shelf.kept(), keys=[kept.verifier])
    assert (report.intact, report.forgotten, len(report.checkpoints)) == (True, 2, 2)
    assert ledger.prove(2, before)
    with pytest.raises(CannotTell, match="entry 5 is not as it was recorded"):
        ledger.prove(5, before)
    # Whoever had the proof before still has it: that is theirs to forget.
    (tmp_path / "proof").write_bytes(proof)
    assert verify_export(tmp_path / "proof", (), [kept.verifier]).proved == (5,)
    exported = b"".join(ledger.export(checkpoints.sign()))
    assert b"ada@" not in exported
    (tmp_path / "export").write_bytes(exported)
    told = verify_export(tmp_path / "export", shelf.kept(), [kept.verifier])
    assert (told.intact, told.forgotten, told.entries) == (True, 2, 7)


def test_exports_and_proofs_are_verified_by_themselves(
    engine: Engine, files: Files, tmp_path: Path
) -> None:
    """Offline, from the file: whole exports, single proofs, growth; and nothing altered in them."""
    checkpoints, ledger = signer(engine, files), Ledger(engine, lambda: AT)
    fill(engine, 1, 5)
    older = checkpoints.sign()
    fill(engine, 6, 11)
    newer = checkpoints.sign()
    kept = kept_key(files)
    assert kept is not None
    keys = [kept.verifier]

    def told(content: bytes) -> object:
        (tmp_path / "x").write_bytes(content)
        return verify_export(tmp_path / "x", (), keys).difference

    whole = b"".join(ledger.export(newer, (3, 11)))
    lines = whole.splitlines(keepends=True)
    assert len(lines) == 1 + 2 + 11
    assert told(whole) is None
    growth = ledger.prove_growth(older.note, newer, place="older")
    assert told(growth) is None
    assert told(ledger.prove(7, newer)) is None
    for altered in (
        whole.replace(b'"subject":"s4"', b'"subject":"s5"'),
        b"".join(lines[:-1]),
        b"".join([*lines[:5], *lines[6:]]),
        lines[1].replace(b"s3", b"s4"),
        lines[1].replace(b'"size":11', b'"size":12'),
        growth.replace(b'"old_size":5', b'"old_size":6'),
        whole.replace(b"example.org", b"example.com"),
    ):
        assert altered != whole
        assert told(altered) is not None
    with pytest.raises(BadFile, match="x:2"):
        told(lines[0] + b"nonsense\n")
    with pytest.raises(CannotTell):
        told(b"")
    with pytest.raises(BadValue):
        ledger.prove(8, older)
    other = Files()
    make_key(other, NAME, bytes(32))
    forged = make_key(Files(), NAME, bytes(range(32))).sign(
        str(TreeHead(origin=NAME, size=5, root=bytes(32)))
    )
    with pytest.raises(CannotTell, match="does not go on"):
        ledger.prove_growth(str(forged), newer, place="forged")


def test_a_checkpoint_of_another_ledger_is_no_signature_for_this_one(files: Files) -> None:
    """A key signs for the ledger of its own name only."""
    kept = kept_key(files)
    assert kept is not None
    note = kept.sign(str(TreeHead(origin="example.org/other", size=0, root=bytes(32))))
    found = evidence([("a", str(note))], [kept.verifier]).difference
    assert found is not None
    assert found.kind == "signature"


def test_what_a_crash_tore_is_passed_over_and_told(engine: Engine, files: Files) -> None:
    """A note without its signature beside whole ones is named; by itself it is refused."""
    fill(engine, 1, 2)
    note = signer(engine, files).sign().note
    told = evidence([("f", f"{note}{note[:30]}")])
    assert (len(told.claims), len(told.skipped)) == (1, 1)
    with pytest.raises(BadFile):
        evidence([("f", note[:30])])


class Clock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.minute = 0

    def __call__(self) -> str:
        return f"2026-11-21T{12 + self.minute // 60:02d}:{self.minute % 60:02d}:00.000000Z"


def keeper(engine: Engine, checkpoints: Checkpoints, clock: Clock, told: list[str]) -> LedgerKeeper:
    return LedgerKeeper(
        engine, checkpoints, clock, every_s=600, every_entries=5, holder="here", tell=told.append
    )


def test_the_server_signs_after_so_many_entries_or_minutes(engine: Engine, files: Files) -> None:
    """Nothing new is no checkpoint; the time or the number makes one due, and the end a last."""
    shelf, clock, told = Shelf(), Clock(), list[str]()
    kept = keeper(engine, signer(engine, files, shelf=shelf), clock, told)
    assert not kept.look()
    fill(engine, 1, 1)
    assert kept.look()
    fill(engine, 2, 2)
    assert not kept.look()
    fill(engine, 3, 6)
    assert kept.look()
    fill(engine, 7, 7)
    assert not kept.look()
    clock.minute = 10
    assert kept.look()
    fill(engine, 8, 8)
    assert kept.look(last=True)
    assert not kept.look(last=True)
    sizes = [int(note.split("\n")[1]) for note in shelf.notes]
    assert (sizes, told) == ([1, 6, 7, 8], [])


def test_a_place_that_was_away_gets_the_next_one(engine: Engine, files: Files) -> None:
    """A failure is told once, and the place is tried again when the time comes."""
    shelf, clock, told = Shelf("away."), Clock(), list[str]()
    kept = keeper(engine, signer(engine, files, shelf=shelf), clock, told)
    fill(engine, 1, 1)
    assert kept.look()
    assert kept.failure == "shelf: away."
    clock.minute = 10
    assert kept.look()
    assert told == ["the ledger's checkpoint: shelf: away."]
    shelf.failure = ""
    clock.minute = 20
    assert kept.look()
    assert (kept.failure, len(shelf.notes)) == ("", 1)
    assert not kept.look()


def test_the_server_does_not_sign_over_a_rewritten_ledger(engine: Engine, files: Files) -> None:
    """It says so, once, and goes on looking."""
    shelf, told = Shelf(), list[str]()
    kept = keeper(engine, signer(engine, files, shelf=shelf), Clock(), told)
    fill(engine, 1, 4)
    assert kept.look()
    spoil(engine, "DELETE FROM ledger WHERE seq > 2")
    assert not kept.look()
    assert not kept.look()
    assert len(told) == 1
    assert "does not go on" in told[0]
    assert len(shelf.notes) == 1
