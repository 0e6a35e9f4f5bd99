"""`pawl incident declare` always works: whatever is broken, it is taken, or kept and sent once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.cli.incident_room import Commands, Room, alone
from tests.cli.made_shop import made_shop

from pawl.base import typed
from pawl.services.declaring import Kept, by_of


@pytest.fixture
def room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Room]:
    """Return a room with a server."""
    with ExitStack() as stack:
        yield Room(tmp_path, monkeypatch, capsys, stack)


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    """Return a machine that has nothing: no repository, no data, no name, no server."""
    alone(tmp_path, monkeypatch)
    return Commands(capsys)


def kept(folder: Path) -> list[Path]:
    """Return the files of declarations in a folder."""
    return sorted(folder.glob("*.json"))


def test_it_needs_nothing_at_all(machine: Commands) -> None:
    """No repository, no policy, nobody whom git knows: it is declared, with doubts."""
    told = machine.told("incident", "declare", "It burns")
    assert told["new"]
    assert told["incident"]["declared_by"] == "git:nobody"
    assert told["doubts"]
    assert "nobody is paged" in machine.err
    assert [each["id"] for each in machine.told("incident", "list")["incidents"]] == [
        told["incident"]["id"]
    ]


def test_whoever_does_more_has_a_name(machine: Commands) -> None:
    """A command that somebody must answer for is refused with the remedy."""
    machine.run("incident", "declare", "It burns")
    machine.run("incident", "accept", status=2)
    assert "git config user.email" in machine.err


@pytest.mark.parametrize("file", ["pawl.toml", "data/pawl.toml"])
def test_a_broken_setting_stops_nothing(machine: Commands, tmp_path: Path, file: str) -> None:
    """It is taken all the same."""
    path = Path.cwd() / "pawl.toml" if file == "pawl.toml" else tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("[[[ no toml")
    assert machine.told("incident", "declare", "It burns")["new"]


def test_a_broken_policy_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """People and schedule that do not read are doubts; who declared is known by git."""
    monkeypatch.setenv("HOME", str(tmp_path))
    shop = made_shop(tmp_path, monkeypatch, capsys)
    shop.commit({".pawl/roster.yaml": "people: [", ".pawl/oncall.yaml": "- - :"})
    told = shop.told("incident", "declare", "It burns")
    assert told["new"]
    assert told["incident"]["declared_by"] == "git:ada@example.com"
    assert any("roster" in each for each in told["doubts"])


def test_a_folder_that_is_gone_stops_nothing(machine: Commands, tmp_path: Path) -> None:
    """Where we stand was removed meanwhile."""
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert machine.told("incident", "declare", "It burns")["new"]


# -- what is kept ---------------------------------------------------------------------------------


def test_while_the_server_is_silent_it_is_kept_and_sent_by_the_next_command(
    room: Room, tmp_path: Path
) -> None:
    """Status 3, where it is and that nobody was paged; then it is sent, once, and gone."""
    room.down = True
    assert room.run("incident", "declare", "It burns", status=3) == ""
    (file,) = kept(tmp_path / "data/declared")
    assert "KEPT, NOT SENT: It burns" in room.err
    assert str(file) in room.err
    assert "Nobody has been paged." in room.err
    assert room.err.splitlines()[-1] == "next: call somebody; then pawl incident send"
    assert file.stat().st_mode & 0o777 == 0o600
    room.run("incident", "list", status=3)
    assert kept(tmp_path / "data/declared") == [file]
    room.down = False
    listed = room.told("incident", "list")["incidents"]
    assert [each["title"] for each in listed] == ["It burns"]
    assert "sent what was kept" in room.err
    assert kept(tmp_path / "data/declared") == []
    assert len(room.told("incident", "list")["incidents"]) == 1


def test_it_is_declared_as_of_when_it_was_said(room: Room) -> None:
    """Sent later, its time is that of whoever declared; our own of when it came is later."""
    room.down = True
    told = room.told("incident", "declare", "It burns", status=3)
    assert told["incident"] is None
    assert told["kept"]["place"]
    room.down = False
    sent = room.told("incident", "send")
    assert (sent["schema"], len(sent["sent"])) == ("pawl.incidents-sent/1", 1)
    assert room.told("incident", "send")["sent"] == []


def test_an_answer_that_is_lost_makes_nothing_twice(room: Room, tmp_path: Path) -> None:
    """The server had it; sent again under its key it is the same incident."""
    room.loses = 1
    room.run("incident", "declare", "It burns", status=3)
    assert len(room.team.made.desk.list()) == 1
    assert "1 sent, 0 still kept" in room.run("incident", "send")
    assert len(room.team.made.desk.list()) == 1
    assert kept(tmp_path / "data/declared") == []


def test_what_is_for_a_server_is_not_told_to_another(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor to the records of this machine; it says so and waits."""
    room.down = True
    room.run("incident", "declare", "It burns", status=3)
    room.down = False
    monkeypatch.setenv("PAWL_SERVER", "http://other.example")
    assert room.told("incident", "send", status=3)["elsewhere"] == 1
    monkeypatch.delenv("PAWL_SERVER")
    assert "1 are for another server" in room.run("incident", "send", status=3)
    assert len(kept(tmp_path / "data/declared")) == 1
    assert room.team.made.desk.list() == ()


@pytest.mark.parametrize("server", ["no address", "http://", "http://a:0", "http://u:p@h"])
def test_an_address_that_is_none_keeps_it_too(
    machine: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    """It cannot be sent anywhere, and is not lost."""
    monkeypatch.setenv("PAWL_SERVER", server)
    machine.run("incident", "declare", "It burns", status=3)
    assert len(kept(tmp_path / "data/declared")) == 1


def test_a_token_that_may_not_is_told_and_it_is_kept(room: Room, tmp_path: Path) -> None:
    """Whoever has a better one sends it."""
    room.monkeypatch.setenv("PAWL_TOKEN", "pawl_wrong")
    room.run("incident", "declare", "It burns", status=3)
    assert "token" in room.err
    room.as_("ann").run("incident", "send")
    assert len(room.team.made.desk.list()) == 1


def test_damaged_records_keep_it_until_they_are_mended(machine: Commands, tmp_path: Path) -> None:
    """A file that is no database leaves a file behind that says where; later it is sent."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "records.sqlite").write_bytes(b"no database at all" * 1_000)
    machine.run("incident", "declare", "It burns", status=3)
    (file,) = kept(data / "declared")
    assert str(file) in machine.err
    machine.run("incident", "send", status=3)
    (data / "records.sqlite").unlink()
    assert len(machine.told("incident", "list")["incidents"]) == 1
    assert kept(data / "declared") == []


@pytest.mark.heavy
def test_locked_records_keep_it(machine: Commands, tmp_path: Path) -> None:
    """Somebody else writes and does not end: it is kept, and sent when they have."""
    machine.run("incident", "declare", "First")
    holder = sqlite3.connect(tmp_path / "data/records.sqlite", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        machine.run("incident", "declare", "Second", status=3)
        holder.execute("ROLLBACK")
    finally:
        holder.close()
    assert len(machine.told("incident", "list")["incidents"]) == 2


def test_a_data_folder_that_cannot_be_one_leaves_it_in_the_home(
    machine: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where the folder should be; with a usable one it is sent from the home."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    monkeypatch.setenv("PAWL_DATA", str(blocked))
    machine.run("incident", "declare", "It burns", status=3)
    (file,) = kept(tmp_path / "own-home/.pawl-declared")
    assert str(file) in machine.err
    monkeypatch.setenv("PAWL_DATA", str(tmp_path / "data"))
    assert len(machine.told("incident", "list")["incidents"]) == 1
    assert kept(file.parent) == []


def test_where_nothing_can_be_written_all_of_it_is_told(
    machine: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither data, nor home, nor a temporary folder: what was said is printed, and that it is."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    for name in ("PAWL_DATA", "HOME"):
        monkeypatch.setenv(name, str(blocked))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(blocked))
    told = machine.told("incident", "declare", "It burns", status=3)
    assert told["kept"]["place"] == ""
    assert told["kept"]["declaration"]["said"]["title"] == "It burns"
    machine.run("incident", "declare", "It burns", status=3)
    assert "NOT DECLARED, AND NOT KEPT" in machine.err


KILLED = """\
import os, signal
{patch}
from pawl.cli.main import main
main(["incident", "declare", "It burns"])
"""
DIE = "lambda *given, **more: os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.parametrize(
    "patch",
    [
        f"import pawl.services.incident_declaring as m; m.IncidentDeclaring.declare = {DIE}",
        f"import pawl.world.kept_files as m; m.KeptFiles.drop = {DIE}",
    ],
    ids=["before it is sent", "after it was sent"],
)
def test_killed_between_two_steps_it_is_there_once(
    machine: Commands, tmp_path: Path, patch: str
) -> None:
    """A process that is killed leaves the file; the next command sends it, and nothing twice."""
    ran = subprocess.run([sys.executable, "-c", KILLED.format(patch=patch)], capture_output=True)
    assert ran.returncode == -signal.SIGKILL
    assert len(kept(tmp_path / "data/declared")) == 1
    listed = machine.told("incident", "list")["incidents"]
    assert [each["title"] for each in listed] == ["It burns"]
    assert kept(tmp_path / "data/declared") == []
    types = [each["type"] for each in machine.told("incident", "timeline")["entries"]]
    assert types.count("incident.declared") == 1
    assert "incident.signalled" not in types


def test_a_file_of_somebody_elses_making_is_not_believed(machine: Commands, tmp_path: Path) -> None:
    """Links, pipes, garbage and what is too large are told of, and nothing is read through them."""
    folder = tmp_path / "data/declared"
    folder.mkdir(parents=True)
    secret = tmp_path / "secret.json"
    secret.write_text(forged("stolen"))
    (folder / "link.json").symlink_to(secret)
    os.mkfifo(folder / "pipe.json")
    (folder / "garbage.json").write_bytes(b"\xff{")
    (folder / "large.json").write_bytes(b" " * 2_000_000 + forged("large").encode())
    (folder / "deep.json").write_bytes(b"[" * 100_000)
    (folder / "more.json").write_text(forged("more", extra=1))
    (folder / "a name.json").write_text(forged("name"))
    assert machine.told("incident", "list")["incidents"] == []
    assert machine.err.count("still kept in") == 6
    assert len(machine.told("incident", "send", status=3)["waiting"]) == 6


def test_a_file_cannot_say_that_pawl_declared_it(machine: Commands, tmp_path: Path) -> None:
    """Whatever it says of itself, it counts as a name that somebody typed."""
    folder = tmp_path / "data/declared"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text(forged("It burns", by="pawl"))
    (found,) = machine.told("incident", "list")["incidents"]
    assert found["declared_by"] == "git:nobody"


def forged(title: str, **more: Any) -> str:
    """Return a kept declaration as a file has it."""
    told = {
        "schema": "pawl.kept-declaration/1", "key": f"k-{title}",
        "kept_at": "2026-11-21T12:00:00.000000Z", "server": "", "by": "git:a@example.com",
        "said": {"title": title}, **more,
    }  # fmt: skip
    return json.dumps(told)


def test_only_a_name_that_git_knows_is_one() -> None:
    """Of a kept file nothing else is taken for who declared."""
    file = json.loads(forged("x", by="token:tok_1"))
    assert file["by"] == "token:tok_1"
    told = by_of(typed.decode(json.dumps(file), type=Kept))
    assert (told.identity, told.source, told.assurance) == (
        "git:nobody",
        "git-config",
        "declared",
    )
