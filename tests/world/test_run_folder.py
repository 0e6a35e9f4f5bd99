"""A run's folder says whether its supervisor lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pawl.base.errors import Unavailable
from pawl.world.run_folder import abandoned_runs, make_run_folder


def test_a_living_supervisors_folder_is_left_alone(tmp_path: Path) -> None:
    """While the lock is held nobody takes the run for dead."""
    folder = make_run_folder(tmp_path, "run_a", b"{}")
    assert abandoned_runs(tmp_path) == []
    folder.remove()
    assert abandoned_runs(tmp_path) == []
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_dead_supervisors_folder_is_found_once(tmp_path: Path) -> None:
    """The kernel lets go of the lock; whoever finds the folder holds it from then on."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from pawl.world.run_folder import make_run_folder\n"
        f"folder = make_run_folder(Path({str(tmp_path)!r}), 'run_a', b'spec')\n"
        "folder.keep_record(b'record')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run((sys.executable, "-c", code), check=False)
    (found,) = abandoned_runs(tmp_path)
    assert (found.run_id, found.spec, found.record) == ("run_a", b"spec", b"record")
    assert abandoned_runs(tmp_path) == []
    found.folder.remove()


def test_a_half_made_folder_is_nobodys_run(tmp_path: Path) -> None:
    """A folder gets its name only once its lock is held; old unfinished ones are cleared away."""
    (tmp_path / "runs" / ".run_b").mkdir(parents=True)
    old = tmp_path / "runs" / ".run_old"
    old.mkdir()
    os.utime(old, (0, 0))
    (tmp_path / "runs" / "run_c").mkdir()
    assert abandoned_runs(tmp_path) == []
    assert sorted(os.listdir(tmp_path / "runs")) == [".run_b", "run_c"]


def test_a_data_folder_that_takes_nothing_says_so(tmp_path: Path) -> None:
    """The error names the place and the remedy."""
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(Unavailable) as raised:
        make_run_folder(tmp_path, "run_a", b"{}")
    assert "--data" in raised.value.hint
