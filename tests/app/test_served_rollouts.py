"""`pawl up` looks after rollouts where its own settings name the repository that judges them."""

import os
import subprocess
from pathlib import Path

import pytest

from pawl.app.serving import server_services


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, and a home in which there is nothing to read."""
    place = tmp_path / "app"
    place.mkdir()
    known = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        known |= {f"GIT_{who}_NAME": "Ann", f"GIT_{who}_EMAIL": "ann@example.com"}
    for command in (("init", "-q", "-b", "main"), ("commit", "-q", "--allow-empty", "-m", "c")):
        subprocess.run(("git", "-C", place, *command), env=known, check=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PAWL_RECORDS_URL", "PAWL_EVENTS_URL", "PAWL_SERVER"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.mark.parametrize("said", ["", "rollouts = false\n", "rollouts = true\n"])
def test_a_server_looks_after_rollouts_where_it_is_told_to(
    tmp_path: Path, repository: Path, said: str
) -> None:
    """It looks at once, its heart beats, and nothing is in trouble; without it nobody looks."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings = f'[changes]\nrepository = "{repository}"\n{said}' if said else ""
    (folder / "pawl.toml").write_text(settings)
    serving = server_services(folder, url="http://127.0.0.1:1")
    try:
        assert (serving.rollouts is None) == ("true" not in said)
        assert serving.changes is not None, "what is on record is shown in any case"
        if serving.rollouts is not None:
            assert serving.rollouts.look()
            assert serving.rollouts.wait(20)
            assert serving.rollouts.trouble == ""
    finally:
        serving.stop()
