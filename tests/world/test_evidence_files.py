"""Files that a person hands over."""

import os
from pathlib import Path

import pytest

from pawl.base.errors import BadValue
from pawl.world.evidence_files import handed_over


def test_folders_are_walked_and_files_taken_as_named(tmp_path: Path) -> None:
    """A named file is known to be typed; links inside a folder are passed over."""
    (tmp_path / "reports" / "deep").mkdir(parents=True)
    (tmp_path / "reports" / "deep" / "a.xml").write_text("a")
    (tmp_path / "reports" / "out").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "reports" / "pipe")
    (tmp_path / "one.json").write_text("{}")
    (tmp_path / "linked").symlink_to(tmp_path / "one.json")
    found = handed_over([tmp_path / "reports", tmp_path / "linked"])
    assert [(Path(file.path).name, file.typed, file.size) for file in found] == [
        ("a.xml", False, 1),
        ("linked", True, 2),
    ]
    assert [file.read() for file in found] == [b"a", b"{}"]


def test_what_is_not_there_is_the_askers_to_mend(tmp_path: Path) -> None:
    """A path that names nothing is refused with its name."""
    with pytest.raises(BadValue, match="nope"):
        handed_over([tmp_path / "nope"])


def test_a_file_that_vanished_or_became_a_link_is_not_read(tmp_path: Path) -> None:
    """Between listing and reading anything may happen; the answer is then None."""
    (tmp_path / "a.json").write_text("{}")
    (file,) = handed_over([tmp_path])
    (tmp_path / "a.json").unlink()
    assert file.read() is None
    (tmp_path / "a.json").symlink_to("/etc/passwd")
    assert file.read() is None
