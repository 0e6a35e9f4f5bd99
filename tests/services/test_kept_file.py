"""A file of ours is believed whole or not at all."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import Unavailable
from pawl.services.kept_file import KeptFile


class Value(msgspec.Struct, frozen=True, array_like=True):
    """What a test keeps."""

    words: list[str]


class Held:
    """A folder in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes."""
        return self.files.get(name)

    def replace(self, name: str, content: bytes) -> None:
        """Put a file in another's place."""
        self.files[name] = content


class Broken(Held):
    """A disk that gives and takes nothing."""

    def read(self, name: str) -> bytes | None:
        """Fail."""
        raise Unavailable("the disk is gone")

    def replace(self, name: str, content: bytes) -> None:
        """Fail."""
        raise Unavailable("the disk is full")


@given(words=st.lists(st.text(st.characters(codec="utf-8"))), cut=st.integers(0, 60))
def test_what_was_kept_comes_back_and_what_was_altered_does_not(words: list[str], cut: int) -> None:
    """Each byte counts: one that is gone or other makes the file one that is not believed."""
    folder = Held()
    assert KeptFile(folder, "/a", "x", "It").save(Value(words))
    assert KeptFile(folder, "/a", "x", "It").load(Value) == Value(words)
    assert KeptFile(folder, "/b", "x", "It").load(Value) is None
    (name,) = folder.files
    whole = folder.files[name]
    at = cut % len(whole)
    for wrong in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
        folder.files[name] = wrong
        kept = KeptFile(folder, "/a", "x", "It")
        assert kept.load(Value) is None
        assert kept.notes == ["It was damaged and is made anew."]


def test_a_disk_that_fails_costs_no_answer() -> None:
    """It is told of, and nothing is raised."""
    kept = KeptFile(Broken(), "/a", "x", "It")
    assert kept.load(Value) is None
    assert not kept.save(Value(["a"]))
    assert [note.split(":")[0] for note in kept.notes] == [
        "It cannot be read",
        "It could not be kept",
    ]


@pytest.mark.parametrize(("most", "kept"), [(4, False), (100, True)])
def test_what_is_too_large_is_not_kept(most: int, kept: bool) -> None:
    """A bound holds what is written, and says so."""
    folder = Held()
    file = KeptFile(folder, "/a", "x", "It", most)
    assert file.save(Value(["a long word"])) is kept
    assert bool(folder.files) is kept
    assert bool(file.notes) is not kept


def test_without_a_folder_nothing_is_kept() -> None:
    """And nothing is said of it: that is how it was asked for."""
    file = KeptFile(None, "/a", "x", "It")
    assert not file.save(Value(["a"]))
    assert file.load(Value) is None
    assert file.notes == []
