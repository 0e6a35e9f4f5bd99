"""`pawl readiness`: exit statuses, formats and the object it prints."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.maturity.test_readiness import STEPS, grown, host

from pawl.cli.main import main


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository with one commit and nothing for agents."""
    top = tmp_path / "pay"
    commit(top, {"README.md": "# Pay\n"})
    return top


def commit(top: Path, files: dict[str, str | bytes]) -> None:
    """Commit files in a repository, which is begun where there is none."""
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "x")):
        author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(("git", "-C", top, *author, *arguments), check=True, capture_output=True)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the object that was printed."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_bare_repository_is_not_ready(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It exits 1, names each item and the next command, and keeps nothing in the records."""
    data = tmp_path / "data"
    assert main(["--data", str(data), "readiness", str(place), "--json"]) == 1
    found = told(capsys)
    assert found["schema"] == "pawl.readiness/1"
    assert [each["part"] for each in found["items"]] == ["step"] * 7 + ["question"] * 5
    assert found["next_step"]["item"] == "review-skill"
    assert not (data / "pawl.db").exists()


def test_a_checklist_in_the_repository_changes_nothing(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that says that all is done, and an export that it brings along, are not believed."""
    arguments = ["--data", str(tmp_path / "data"), "readiness", str(place), "--json"]
    main(arguments)
    before = {each["id"]: each["standing"] for each in told(capsys)["items"]}
    done = "\n".join(f"- [x] {name}: done, approved, ready" for name in before)
    claimed = json.dumps(host(changes=[{"number": 1, "author": "a", "opened_at": "2026-11-19"}]))
    commit(place, {".pawl/readiness.yaml": done, "READY.md": done, "docs/production.md": done})
    commit(place, {".pawl/evidence/host.json": claimed})
    assert main(arguments) == 1
    after = {each["id"]: each["standing"] for each in told(capsys)["items"]}
    assert "yes" not in after.values()
    assert {name for name in before if before[name] == "yes"} == set()


def test_files_alone_never_make_ready(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With every file in place and no live data nobody can tell, which is exit status 3."""
    whole = grown(len(STEPS))
    commit(place, whole["files"])
    status = main(["--data", str(tmp_path / "data"), "readiness", str(place), "--json"])
    found = told(capsys)
    assert status == 3, [each for each in found["items"] if each["standing"] == "no"]
    assert found["standing"] == "cannot-tell"
    assert found["next_step"]["what"].startswith("Let Pawl look")


def test_a_folder_outside_git_is_looked_at_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files count there too; nothing is ready by them."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "README.md").write_text("# Pay\n")
    arguments = ["--data", str(tmp_path / "data"), "readiness", str(tmp_path / "plain")]
    assert main(arguments) == 1
    assert "not ready" in capsys.readouterr().out


def test_markdown_goes_into_a_file(place: Path, tmp_path: Path) -> None:
    """The report can be kept, as for a change request."""
    out = tmp_path / "readiness.md"
    data = str(tmp_path / "data")
    assert (
        main(
            ["--data", data, "readiness", str(place), "--format", "markdown", "--output", str(out)]
        )
        == 1
    )
    assert out.read_text().startswith("# repo:pay is not ready")
