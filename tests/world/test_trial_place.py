"""The throw-away place of a trial: filled, looked at and read without following a link."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pawl.base.errors import BadValue
from pawl.world import trial_place
from pawl.world.trial_place import TrialPlace, sweep


@pytest.fixture
def place() -> Iterator[TrialPlace]:
    """A place that goes when the test ends."""
    with TrialPlace() as found:
        yield found


def test_a_place_goes_with_all_in_it() -> None:
    """Folders that may not be entered and links go too, and what links point to stays."""
    with TrialPlace() as place:
        place.put("a/b", b"1")
        (place.workspace / "out").symlink_to("/etc")
        (place.workspace / "a").chmod(0o000)
    assert not place.root.exists()
    assert Path("/etc/passwd").exists()


def test_the_place_of_a_killed_trial_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place whose lock nobody holds goes; one in use, and what is no place, stays."""
    top = tmp_path / "top"
    top.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(top))
    killed = os.fork()
    if killed == 0:
        TrialPlace().put("a", b"")
        os._exit(0)
    os.waitpid(killed, 0)
    (top / "pawl-trial-link").symlink_to(tmp_path)
    (top / "pawl-trial-new").mkdir()
    with TrialPlace() as place:
        assert len(list(top.iterdir())) == 4
        assert sweep() == 1
        assert place.workspace.is_dir()
        left = {path.name for path in top.iterdir()}
    assert left == {"pawl-trial-link", "pawl-trial-new", place.root.name}


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ".", "a\0b"])
def test_nothing_is_put_outside(place: TrialPlace, path: str) -> None:
    """A path that leads out of the workspace is refused."""
    with pytest.raises(BadValue):
        place.put(path, b"")


def test_nothing_is_put_behind_a_link(place: TrialPlace) -> None:
    """A file laid over a workspace does not go where a link of it points to."""
    place.put("real/file", b"")
    place.link("linked", "real")
    with pytest.raises(BadValue, match="behind a link"):
        place.put("linked/file", b"")
    place.put("linked", b"a file now")
    assert place.read("linked", 100) == b"a file now"
    assert place.read("real/file", 100) == b""


@pytest.mark.parametrize("to", ["/etc/passwd", "../../x", ".."])
def test_a_link_that_leads_out_is_refused(place: TrialPlace, to: str) -> None:
    """A link of a fixture must stay in the workspace."""
    with pytest.raises(BadValue, match="leads out"):
        place.link("link", to)


def test_a_snapshot_tells_links_and_never_follows_them(place: TrialPlace) -> None:
    """Files, links, pipes and whether a file may be executed are told; a loop ends."""
    place.put("run.sh", b"x", executable=True)
    place.put("same", b"x")
    (place.workspace / "loop").symlink_to(".")
    (place.workspace / "out").symlink_to("/etc")
    os.mkfifo(place.workspace / "pipe")
    found = place.snapshot()
    assert {path: state.kind for path, state in found.files.items()} == {
        "run.sh": "file", "same": "file", "loop": "link", "out": "link", "pipe": "other",
    }  # fmt: skip
    assert found.files["run.sh"].digest != found.files["same"].digest
    assert found.complete


def test_nothing_is_read_through_a_link(place: TrialPlace) -> None:
    """No part of a path may be a link, and a pipe is not waited for."""
    place.put("a/file", b"0123")
    (place.workspace / "out").symlink_to("/etc")
    (place.workspace / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(place.workspace / "pipe")
    assert place.read("a/file", 2) == b"01"
    for path in ("out/passwd", "passwd", "pipe", "a/../../x", "../home", "", "missing", "a"):
        assert place.read(path, 100) is None


def test_more_files_than_are_looked_at_is_said(
    place: TrialPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace with too many files is not seen whole."""
    monkeypatch.setattr(trial_place, "MAX_FILES", 3)
    for number in range(5):
        place.put(str(number), b"")
    found = place.snapshot()
    assert not found.complete
    assert len(found.files) == 3


def test_the_commit_of_a_workspace_is_the_same_every_time() -> None:
    """Author, date and content are fixed, and so is the commit; ignored files are in it."""
    commits = set()
    for _ in range(2):
        with TrialPlace() as place:
            place.put(".gitignore", b"ignored\n")
            place.put("ignored", b"1")
            place.make_repository()
            told = subprocess.run(
                ("git", "rev-parse", "HEAD"), cwd=place.workspace, check=True, capture_output=True
            )
            commits.add(told.stdout)
            names = set(place.snapshot().files)
    assert len(commits) == 1
    assert names == {".gitignore", "ignored", ".git/config"}


def test_a_hook_that_an_agent_plants_is_seen(place: TrialPlace) -> None:
    """Of git's own folder what it could run later on is looked at, and nothing else."""
    place.put("a", b"")
    place.make_repository()
    before = place.snapshot()
    (place.workspace / ".git" / "hooks").mkdir()
    (place.workspace / ".git" / "hooks" / "pre-commit").write_text("curl evil\n")
    (place.workspace / ".git" / "description").write_text("noise\n")
    assert set(place.snapshot().files) - set(before.files) == {".git/hooks/pre-commit"}
