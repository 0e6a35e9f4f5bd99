"""Importing transcripts: everything, through the spool, once."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.telemetry.formats.lines import FIXTURES, claude, encoded

from pawl.app import SPOOL, bill_machine, import_spool
from pawl.base.errors import Unavailable
from pawl.services.contents import Keeping
from pawl.services.imports import STATE, import_transcripts
from pawl.services.machine import Machine
from pawl.services.spooled import SpoolFolder
from pawl.store.content_days import ContentsUnavailable
from pawl.store.contents import Contents
from pawl.store.opencode_db import messages
from pawl.telemetry.content import Content
from pawl.telemetry.event import Event, Kind
from pawl.telemetry.format import Depth
from pawl.telemetry.imported import Import
from pawl.telemetry.observation import observation
from pawl.telemetry.reconcile import reconcile
from pawl.world.clock import now

AGENTS = {
    "claude": ("CLAUDE_CONFIG_DIR", "projects"),
    "codex": ("CODEX_HOME", "sessions"),
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with recorded sessions of all four agents in their usual places."""
    home = tmp_path / "home"
    for case, place in (
        ("claude/resume", ".claude/projects"),
        ("claude/subagents-foreground", ".claude/projects/more"),
        ("codex/resume", ".codex/sessions"),
        ("gemini/tools-json", ".gemini/tmp"),
    ):
        shutil.copytree(FIXTURES / case / "transcripts", home / place, dirs_exist_ok=True)
    made = bill_machine(tmp_path / "data", {"PAWL_DEVELOPER": "ada"})
    return msgspec.structs.replace(made, home=str(home), name="box")


def run(machine: Machine, tmp_path: Path, *paths: str, everything: bool = True) -> Import:
    with import_spool(tmp_path / "data") as spool:
        depth = Depth(everything=everything)
        return import_transcripts(machine, spool, paths=paths, depth=depth)


def spooled(tmp_path: Path) -> list[Event]:
    folder = SpoolFolder(tmp_path / "data" / SPOOL)
    return [event for name in folder.sizes() for event in folder.read(name, 0)[0]]


def reports(done: Import) -> dict[str, tuple[int, int, int]]:
    return {r.agent: (r.files, r.read, r.requests) for r in done.agents}


def test_all_agents_are_imported_once(machine: Machine, tmp_path: Path) -> None:
    """A first import reads every file; a second one finds nothing to do."""
    first = run(machine, tmp_path)
    assert reports(first) == {
        "claude-code": (5, 5, 14),
        "codex": (1, 1, 3),
        "gemini-cli": (1, 1, 4),
    }
    second = run(machine, tmp_path)
    assert (second.events, sum(r.unchanged for r in second.agents)) == (0, 7)
    events = spooled(tmp_path)
    assert len(events) == first.events
    told = [observation(event) for event in events if event.kind is Kind.REQUEST]
    assert len(reconcile(told)) == 4 + 7 + 3 + 4


def test_events_know_whose_they_are_and_what_they_cost(machine: Machine, tmp_path: Path) -> None:
    """Requests are priced, everything is attributed, and paths stay with sessions alone."""
    run(machine, tmp_path)
    for event in spooled(tmp_path):
        assert (event.developer, event.machine) == ("ada", "box")
        assert event.project == "demo-repo"
        assert ("cwd" in event.attributes) <= (event.kind is Kind.SESSION)
        if event.kind is Kind.REQUEST:
            assert event.cost_basis == "priced"
            assert event.cost_micros is not None
            assert event.price_version


def test_what_was_read_for_a_bill_is_read_again_for_everything(
    machine: Machine, tmp_path: Path
) -> None:
    """A shallow import does not hide tools and errors from a deep one; the reverse holds."""
    shallow = run(machine, tmp_path, everything=False)
    assert {event.kind for event in spooled(tmp_path)} == {Kind.REQUEST}
    deep = run(machine, tmp_path)
    assert deep.events > shallow.events
    assert run(machine, tmp_path, everything=False).events == 0


def test_a_file_read_whole_stays_whole(machine: Machine, tmp_path: Path) -> None:
    """A bill that comes by does not make a file's tools and errors be read again."""
    run(machine, tmp_path)
    (path,) = Path(machine.home).glob(".codex/sessions/**/*.jsonl")
    with path.open("ab") as file:
        file.write(path.read_bytes().splitlines(keepends=True)[-1])
    assert run(machine, tmp_path, everything=False).events == 0
    assert sum(report.read for report in run(machine, tmp_path).agents) == 0


class Dying:
    """A spool that takes some commits and then has no room left."""

    def __init__(self, commits: int) -> None:
        self.commits = commits
        self.kept: list[Event] = []
        self.pending: list[Event] = []

    def append(self, events: Sequence[Event]) -> None:
        self.pending.extend(events)

    def commit(self) -> None:
        if self.commits == 0:
            raise Unavailable("no space left.")
        self.commits -= 1
        self.kept.extend(self.pending)
        self.pending.clear()


def test_nothing_is_forgotten_when_the_spool_fails(machine: Machine, tmp_path: Path) -> None:
    """How far files were read is written only after their events are safe."""
    with pytest.raises(Unavailable):
        import_transcripts(machine, Dying(0))
    assert not (tmp_path / "data" / STATE).exists()
    whole = Dying(99)
    assert import_transcripts(machine, whole).events == len(whole.kept) > 50


def test_a_crash_before_the_state_repeats_the_same_ids(machine: Machine, tmp_path: Path) -> None:
    """Events told again after a crash have the ids they had, so that nothing counts twice."""
    run(machine, tmp_path)
    once = {event.id for event in spooled(tmp_path)}
    (tmp_path / "data" / STATE).unlink()
    run(machine, tmp_path)
    again = [event.id for event in spooled(tmp_path)]
    assert set(again) == once
    assert len(again) == 2 * len(once)


def test_given_paths_are_told_apart_by_their_content(machine: Machine, tmp_path: Path) -> None:
    """Files of any format, anywhere, are read by what they are; others are counted."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(encoded(claude()))
    (folder / "log.csv").write_text("timestamp,project,cost\n2026-11-20,shop,0.5\n")
    shutil.copy(FIXTURES / "opencode/tools-json/step2.stdout.json", folder / "export.json")
    (folder / "notes.txt").write_text("hello")
    (folder / "other.jsonl").write_text('{"level": "info"}\n')
    done = run(machine, tmp_path, str(folder))
    assert reports(done) == {
        "": (2, 0, 0),
        "claude-code": (1, 1, 1),
        "cost-log": (1, 1, 1),
        "opencode": (1, 1, 4),
    }
    assert any("cost log" in text for text in done.warnings)
    assert run(machine, tmp_path, str(folder)).events == 0


def test_skipped_lines_are_reported(machine: Machine, tmp_path: Path) -> None:
    """Garbage, refused counts and lines that are no objects are numbers in the report."""
    path = tmp_path / "x.jsonl"
    bad = claude(usage={"input_tokens": -1, "output_tokens": 1})
    path.write_bytes(encoded(claude()) + b"garbage\n[1]\n" + encoded(bad))
    (report,) = [r for r in run(machine, tmp_path, str(path)).agents if r.agent == "claude-code"]
    assert (report.skipped, report.refused, report.requests) == (2, 1, 1)
    assert any("cannot be true" in text for text in report.remarks)


def test_a_named_file_of_no_known_format_is_a_warning(machine: Machine, tmp_path: Path) -> None:
    """Whoever names a file wants to know that it was not read."""
    path = tmp_path / "notes.jsonl"
    path.write_text('{"level": "info"}\n')
    assert run(machine, tmp_path, str(path)).warnings == (f"{path}: of no known format",)


def _database(path: Path, export: str, *, updated: int) -> None:
    document = json.loads((FIXTURES / export).read_text())
    info = document["info"]
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """CREATE TABLE IF NOT EXISTS session
                (id TEXT, directory TEXT, version TEXT, parent_id TEXT);
            CREATE TABLE IF NOT EXISTS message
                (id TEXT, session_id TEXT, time_created INT, time_updated INT, data TEXT);
            CREATE TABLE IF NOT EXISTS part
                (id TEXT, message_id TEXT, session_id TEXT, data TEXT);"""
        )
        session = (info["id"], info["directory"], info["version"], None)
        connection.execute("INSERT INTO session VALUES (?, ?, ?, ?)", session)
        for number, message in enumerate(document["messages"]):
            about = message["info"]
            time = about["time"]["created"]
            row: tuple[Any, ...] = (
                about["id"],
                info["id"],
                time,
                updated + number * 10_000,
                json.dumps(about),
            )
            connection.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)
            for part in message["parts"]:
                row = (part["id"], about["id"], info["id"], json.dumps(part))
                connection.execute("INSERT INTO part VALUES (?, ?, ?, ?)", row)
        connection.commit()


def test_a_database_is_read_as_its_export_is(machine: Machine, tmp_path: Path) -> None:
    """The product's own database tells what its export tells, and a grown one only what is new."""
    folder = Path(machine.home) / ".local/share/opencode"
    folder.mkdir(parents=True)
    _database(folder / "opencode.db", "opencode/tools-json/step2.stdout.json", updated=5_000)
    assert reports(run(machine, tmp_path))["opencode"] == (1, 1, 4)
    _database(folder / "opencode.db", "opencode/simple-json/step2.stdout.json", updated=90_000)
    again = run(machine, tmp_path)
    assert reports(again)["opencode"] == (1, 1, 2), "the last one known, and the new one"
    told = [observation(e) for e in spooled(tmp_path) if e.kind is Kind.REQUEST]
    assert len([r for r in reconcile(told) if r.agent == "opencode"]) == 5
    assert run(machine, tmp_path).events == 0


def test_a_database_of_another_shape_is_a_warning(machine: Machine, tmp_path: Path) -> None:
    """A product version whose tables differ is reported, and the rest is imported."""
    folder = Path(machine.home) / ".local/share/opencode"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "opencode.db")) as connection:
        connection.execute("CREATE TABLE other (id TEXT)")
    done = run(machine, tmp_path)
    assert any("not readable as opencode's database" in text for text in done.warnings)
    assert reports(done)["codex"] == (1, 1, 3)
    with pytest.raises(OSError, match="opencode"):
        list(messages(str(folder / "absent.db"), b""))


def test_texts_are_kept_where_the_machine_asked(machine: Machine, tmp_path: Path) -> None:
    """Under the names of whose transcript it is; without it nothing of them is anywhere."""
    data = tmp_path / "data"
    first = run(machine, tmp_path)
    assert not (data / "contents").exists()
    (data / STATE).unlink()
    (data / "pawl.toml").write_text("[content]\nkeep = true\n")
    asking = bill_machine(data, {"PAWL_DEVELOPER": "ada"})
    machine = msgspec.structs.replace(machine, keeping=asking.keeping)
    assert run(machine, tmp_path).events == first.events
    contents = Contents(data, now)
    events = {event.id: event for event in spooled(tmp_path)}
    sessions = {event.session_id for event in events.values() if event.session_id}
    texts = [each for name in sorted(sessions) for each in contents.of_session(name, 10**7)[0]]
    assert {"prompt", "answer", "arguments", "result"} <= {each.role.value for each in texts}
    assert all(each.event_id in events for each in texts if each.role != "prompt")
    (data / STATE).unlink()
    run(machine, tmp_path)
    assert contents.forget(("ada",), []) == len(texts)
    contents.close()


def test_a_transcript_whose_texts_cannot_be_kept_is_not_taken_for_read(
    machine: Machine, tmp_path: Path
) -> None:
    """It is read again when the disk works."""

    class Full:
        def keep(self, found: Sequence[Content]) -> None:
            raise ContentsUnavailable("the disk is full")

        def close(self) -> None:
            """Nothing is open."""

    broken = msgspec.structs.replace(machine, keeping=Keeping(Full(), 1000))
    with pytest.raises(ContentsUnavailable):
        run(broken, tmp_path)
    assert run(machine, tmp_path).events == len(spooled(tmp_path))
