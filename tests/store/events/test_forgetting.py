"""A person is forgotten in the events, and no total moves but their own."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.events.made_events import distinct, event, others, requests

from pawl.governance.forgetting import FORGOTTEN
from pawl.store.events import kept
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.eraser import Eraser
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import Key
from pawl.telemetry.event import Event

ADA = "Ada.Lovelace@analytical.example"
KEYS = ((Key.DAY,), (Key.MODEL, Key.AGENT), (Key.PROJECT, Key.REPO, Key.BRANCH))


def put(folder: Path, events: list[Event], label: str = "w") -> None:
    with SpoolWriter(folder / "spool", label) as writer:
        writer.append(events)
        writer.commit()


def named(number: int, **fields: object) -> Event:
    who = ADA if number % 2 else "bob"
    told: dict[str, object] = {
        "request_id": f"r{number}",
        "model": "m-1",
        "input": number,
        "output": 1,
        "developer": who,
        "machine": f"laptop of {who}",
        "attributes": {"cwd": f"/home/{who}/shop", "user.email": who, "effort": "high"},
    }
    return event(f"q{number}", **(told | fields))


def holds(folder: Path, text: str) -> list[str]:
    """Return the files below a folder whose bytes hold a text, compressed ones unpacked."""
    import gzip

    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            told = path.read_bytes()
            if path.suffix == ".gz":
                told = gzip.decompress(told)
            if text.encode() in told:
                found.append(path.name)
    return found


def test_no_byte_of_a_forgotten_person_is_left(tmp_path: Path) -> None:
    """Not in the engine's file, not in its copies; everybody else is as before."""
    put(tmp_path, [named(number) for number in range(2000)])
    with Eraser(tmp_path) as store:
        store.drain(tmp_path / "spool")
        before = store.bill((Key.MODEL,))
        assert holds(tmp_path, "Lovelace")
        done = store.forget((ADA.lower(),), "salt")
        assert (done.events, done.lines, done.open_segments) == (1000, 1000, 0)
        assert store.bill((Key.MODEL,)) == before
        people = {row.keys[0]: row.amount.requests for row in store.bill((Key.DEVELOPER,)).rows}
        assert people == {FORGOTTEN: 1000, "bob": 1000}
    assert holds(tmp_path, "Lovelace") == []
    assert holds(tmp_path, "bob")


def test_what_is_told_again_stays_forgotten(tmp_path: Path) -> None:
    """A transcript read later, and a segment still being written, do not bring a name back."""
    writer = SpoolWriter(tmp_path / "spool", "live")
    writer.append([named(1)])
    writer.commit()
    with Eraser(tmp_path) as store:
        assert store.forget((ADA,), "salt").open_segments == 1
    writer.append([named(3)])
    writer.commit()
    writer.close()
    put(tmp_path, [named(5), named(6)])
    with DuckEvents(tmp_path) as store:
        store.drain(tmp_path / "spool")
        people = {row.keys[0]: row.amount.requests for row in store.bill((Key.DEVELOPER,)).rows}
    assert people == {FORGOTTEN: 3, "bob": 1}
    assert holds(tmp_path, "Lovelace") == []


def test_making_the_file_anew_brings_nobody_back(tmp_path: Path) -> None:
    """The copies hold what the engine holds."""
    put(tmp_path, [named(number) for number in range(20)])
    with Eraser(tmp_path) as store:
        store.forget((ADA,), "salt")
        before = store.bill((Key.DEVELOPER, Key.MODEL))
        store.rebuild(tmp_path / "spool")
        assert store.bill((Key.DEVELOPER, Key.MODEL)) == before


def test_two_forgotten_people_cannot_be_told_apart(tmp_path: Path) -> None:
    """There is one word for all, and a file that names nobody."""
    put(tmp_path, [named(number) for number in range(4)])
    with Eraser(tmp_path) as store:
        store.forget((ADA,), "salt")
        store.forget(("bob",), "another")
        (row,) = store.bill((Key.DEVELOPER,)).rows
    assert (row.keys, row.amount.requests) == ((FORGOTTEN,), 4)
    register = (tmp_path / "events.forgotten").read_text().lower()
    assert "lovelace" not in register
    assert "bob" not in register
    assert msgspec.json.decode(register)["salt"] == "salt"


@given(st.lists(st.one_of(requests(), others()), min_size=1, max_size=40))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_totals_stay(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> None:
    """Whatever was told of whom, forgetting changes no bill that does not ask for people."""
    folder = tmp_path_factory.mktemp("store")
    put(folder, distinct(events))
    with Eraser(folder) as store:
        store.drain(folder / "spool")
        before = [store.bill(keys) for keys in KEYS]
        store.forget(("ada",), "salt")
        assert [store.bill(keys) for keys in KEYS] == before
        assert "ada" not in {row.keys[0] for row in store.bill((Key.DEVELOPER,)).rows}


def test_a_damaged_copy_keeps_what_precedes_the_damage(tmp_path: Path) -> None:
    """Rewriting it loses nothing more, and leaves no name in what is readable."""
    put(tmp_path, [named(number) for number in range(500)])
    with DuckEvents(tmp_path) as store:
        store.drain(tmp_path / "spool")
    (copy,) = kept.kept(tmp_path / "spool")
    copy.write_bytes(copy.read_bytes()[:-20])
    with Eraser(tmp_path) as store:
        done = store.forget((ADA,), "salt")
    assert 0 < done.lines <= 250
    assert holds(tmp_path, "Lovelace") == []
