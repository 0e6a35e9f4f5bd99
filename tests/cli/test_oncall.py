"""`pawl oncall` from start to end: in a repository, with calendars."""

import json
import subprocess
from pathlib import Path

import pytest

from pawl.cli.main import main

_SCHEDULE = """# ours
schema: pawl.oncall/1
time_zone: Europe/Berlin
rotations:
  - {id: primary, members: [ann, leo], starts: 2026-01-05}  # both
overrides: []
"""
_ROSTER = """
schema: pawl.roster/1
people: [{id: ann, identities: ["oidc:ann@example.com"]}, {id: leo}]
grants: [{person: ann, role: incident-commander}]
"""


def git(*arguments: str) -> None:
    """Run git in the folder that the test stands in."""
    person = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(("git", *person, *arguments), check=True, capture_output=True)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a schedule on its main branch, and stand in it."""
    top = tmp_path / "shop"
    (top / ".pawl").mkdir(parents=True)
    (top / ".pawl" / "oncall.yaml").write_text(_SCHEDULE)
    (top / ".pawl" / "roster.yaml").write_text(_ROSTER)
    monkeypatch.chdir(top)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "policy")
    return top


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Return what was printed as JSON."""
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_show_tells_who_is_on_call(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Now, until when, who comes next, who owns which domain; in words and as JSON."""
    at = ("--at", "2026-11-21T12:00:00Z", "--days", "10")
    assert main(["oncall", "show", *at]) == 0
    text = capsys.readouterr().out
    assert "primary    leo      2026-11-23 08:00Z  ann" in text
    assert "secondary  nobody" in text
    assert "2026-11-30 08:00Z  primary: leo" in text
    assert main(["oncall", "show", *at, "--json"]) == 0
    found = told(capsys)
    assert found["schema"] == "pawl.oncall-show/1"
    assert found["reached"] is True


def test_a_schedule_that_does_not_read_is_a_doubt(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schedule that comes with Pawl stands in its place, as for a declaration."""
    (shop / ".pawl" / "oncall.yaml").write_text("schema: pawl.oncall/1\nrotations: 7\n")
    git("commit", "-qam", "broken")
    assert main(["oncall", "show", "--json"]) == 0
    found = told(capsys)
    assert "does not read" in str(found["doubts"])
    assert found["breach_after_s"] == 300


def test_outside_of_a_repository_nobody_can_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no schedule to read."""
    monkeypatch.chdir(tmp_path)
    assert main(["oncall", "show"]) == 3
    assert capsys.readouterr().err


def test_a_calendar_is_brought_in_and_given_out(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A diff first, then the file with its comments; what was given out changes nothing."""
    day = "20991201"
    calendar = tmp_path / "team.ics"
    calendar.write_text(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Lia is here\r\n"
        f"DTSTART;VALUE=DATE:{day}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\n"
        "SUMMARY:On call: Leo K.\r\nDTSTART:20260101T000000Z\r\nDURATION:P1D\r\n"
        "RRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    before = (shop / ".pawl" / "oncall.yaml").read_text()
    assert main(["oncall", "import", str(calendar), "--days", "20"]) == 2
    assert "On call: Leo K." in capsys.readouterr().err
    asked = ["oncall", "import", str(calendar), "--days", "20", "--map", "Leo K.=leo"]
    assert main(asked) == 0
    assert "+  - {rotation: primary, person: leo" in capsys.readouterr().out
    assert (shop / ".pawl" / "oncall.yaml").read_text() == before
    assert main([*asked, "--write", "--json"]) == 0
    found = told(capsys)
    assert (found["schema"], found["written"]) == ("pawl.oncall-import/1", True)
    written = (shop / ".pawl" / "oncall.yaml").read_text()
    assert written.startswith("# ours\n")
    assert "# both" in written
    assert main([*asked, "--write", "--json"]) == 0
    assert told(capsys)["written"] is False
    git("commit", "-qam", "leo all month")
    out = tmp_path / "out.ics"
    given = ["oncall", "ics", "--rotation", "primary", "--days", "10", "--output", str(out)]
    assert main(given) == 0
    assert b"SUMMARY:leo" in out.read_bytes()
    assert main(["oncall", "import", str(out), "--days", "9", "--json"]) == 0
    assert told(capsys)["overrides"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "--days", "0"],
        ["show", "--at", "soon"],
        ["ics", "--rotation", "none"],
        ["import", "missing.ics"],
        ["import", ".pawl/roster.yaml"],
        ["import", "x.ics", "--map", "nobody"],
    ],
)
def test_what_is_asked_wrongly_is_said(
    shop: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each ends with 2 and a message."""
    assert main(["oncall", *arguments]) == 2
    assert capsys.readouterr().err
