"""`pawl raci` and `pawl doctor` in a real repository: who answers, and can the rules be kept."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pawl.cli.main import main

ROSTER = """\
schema: pawl.roster/1
people:
  - {id: ada, identities: ["git:ada@example.com"]}
  - {id: grace, identities: ["git:grace@example.com"]}
  - {id: coder, kind: agent, sponsor: grace, identities: ["git:coder@example.com"]}
grants:
  - {person: ada, role: product-lead}
  - {person: grace, role: product-lead}
  - {person: ada, role: security-lead}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a roster on main, and the working folder in it."""
    place = tmp_path / "shop"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    monkeypatch.chdir(place)
    monkeypatch.setenv("PAWL_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    write(place, {".pawl/roster.yaml": ROSTER, "CLAUDE.md": "Be kind.\n"})
    return place


def git(place: Path, *arguments: str, email: str = "ada@example.com") -> str:
    ran = subprocess.run(
        ("git", "-C", place, "-c", "user.name=x", "-c", f"user.email={email}", *arguments),
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout.strip()


def write(place: Path, files: dict[str, str], *, email: str = "ada@example.com") -> None:
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(place, "add", "-A")
    git(place, "commit", "-qm", "A change", email=email)


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    """Run a command with --json and return its object."""
    capsys.readouterr()
    assert main([*arguments, "--json"]) == status, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_the_table_names_roles_and_people(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A work without a row of its own says as which other it is judged."""
    found = told(capsys, "raci", "show")
    assert found["schema"] == "pawl.raci-answers/1"
    rows = {row["work"]: row for row in found["answering"]}
    assert rows["prompt"]["accountable"] == {"role": "product-lead", "people": ["ada", "grace"]}
    assert rows["code"]["judged_as"] == "prompt"
    assert main(["raci", "show"]) == 0
    assert "product-lead (ada, grace)" in capsys.readouterr().out


def test_who_tells_what_a_file_is_and_who_may_approve_it(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path need not be there; an author is left out, under any of their names."""
    found = told(capsys, "raci", "who", "docs/CLAUDE.md", "--author", "git:ADA@example.com")
    assert found["files"] == {"docs/CLAUDE.md": "prompt"}
    (row,) = found["answering"]
    assert (row["may_approve"], row["can_be_approved"]) == (["grace"], True)


def test_nobody_left_to_approve_is_a_no(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The remedy names the role."""
    assert main(["raci", "who", "policy", "--author", "git:ada@example.com"]) == 1
    said = capsys.readouterr().out
    assert "may approve: nobody. Grant security-lead to one more person." in said


def test_who_may_approve_a_diff(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever answers for an agent that wrote it is an author as well."""
    git(shop, "checkout", "-qb", "work")
    write(shop, {"CLAUDE.md": "Be brief.\n"}, email="coder@example.com")
    found = told(capsys, "raci", "who", "--from-diff", "main..HEAD")
    (row,) = found["answering"]
    assert row["work"] == "prompt"
    assert row["may_approve"] == ["ada"]
    assert found["authored"] == {"people": ["coder", "grace"], "unknown": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("who",), "Name a kind of work"),
        (("who", "--from-diff", "main"), "is no range"),
        (("who", "--from-diff", "nope..HEAD"), "names no commit"),
    ],
)
def test_what_is_asked_wrongly_says_what_to_write(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    """Status 2, and the message tells."""
    assert main(["raci", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_without_a_repository_it_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 3 and no table that would come from nowhere."""
    monkeypatch.chdir(tmp_path)
    assert main(["raci", "show"]) == 3
    assert capsys.readouterr().out == ""


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    main(["doctor", "--json"])
    return {each["id"]: each for each in json.loads(capsys.readouterr().out)["findings"]}


def test_doctor_finds_a_rule_that_nobody_can_satisfy(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ada alone answers for policy, so her own change of it could never be approved."""
    found = findings(capsys)["rule-cannot-be-satisfied"]
    assert (found["outcome"], found["severity"]) == ("fail", "high")
    assert main(["doctor"]) == 1


def test_doctor_explains_the_way_out_of_a_team_of_one(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No setting makes one's own approval a second look, and it says what can be done."""
    write(
        shop,
        {
            ".pawl/roster.yaml": "schema: pawl.roster/1\npeople: [{id: ada}]\n"
            "grants: [{person: ada, role: security-lead}]\n"
        },
    )
    found = findings(capsys)["team-of-one"]
    assert "outside the team" in found["hint"]


def test_doctor_is_content_with_rules_that_can_be_kept(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two people for each role are enough."""
    roles = ("product-lead", "security-lead", "platform-lead")
    grants = "".join(
        f"  - {{person: {person}, role: {role}}}\n" for person in ("ada", "grace") for role in roles
    )
    write(shop, {".pawl/roster.yaml": f"{ROSTER.partition('grants')[0]}grants:\n{grants}"})
    found = findings(capsys)
    assert found["rules-can-be-satisfied"]["outcome"] == "pass"


def test_doctor_tells_of_policy_that_does_not_read(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it is committed, with the file and the place in it; afterwards nothing may ship."""
    (shop / ".pawl/gates.yaml").write_text("schema: pawl.gates/1\nnonsense: 1\n")
    found = findings(capsys)["policy-can-be-read"]
    assert "gates.yaml of the working tree" in found["place"]["path"]
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "Break it")
    found = findings(capsys)["policy-can-be-read"]
    assert found["severity"] == "critical"
    assert "main" in found["place"]["path"]


def test_doctor_says_nothing_of_policy_where_there_is_none(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A repository that does not control its changes is not told that it does so badly."""
    git(shop, "rm", "-q", ".pawl/roster.yaml")
    git(shop, "commit", "-qm", "None")
    assert not {"roster-is-there", "rules-can-be-satisfied"} & findings(capsys).keys()
