"""Write eval cases and trial records to where `pawl.evals.shelf` finds them."""

from typing import Protocol

from pawl.base.errors import BadValue
from pawl.evals.sealing import Sealed
from pawl.evals.shelf import END, GATE, QUARANTINE, RECORDS, Shelf, Shipped, packed_bytes
from pawl.evals.steering import EVALS


class Writing(Protocol):
    """Where files of the repository are written."""

    def write_bytes(self, path: str, content: bytes) -> None:
        """Replace or make a regular file whole, through no link; raises CannotTell."""


def keep_record(writing: Writing, case: str, sealed: Sealed) -> str:
    """Write a record under its address and return its path; raises CannotTell."""
    path = f"{RECORDS}/{case}/{sealed.address}{END}"
    writing.write_bytes(path, packed_bytes(sealed.data))
    return path


def keep_shipped(writing: Writing, case: str, name: Shipped, sealed: Sealed) -> str:
    """Write a record that comes with a case and return its path; raises CannotTell."""
    path = f"{RECORDS}/{case}/{name}{END}"
    writing.write_bytes(path, packed_bytes(sealed.data))
    return path


def keep_draft(shelf: Shelf, writing: Writing, case: str, text: str, origin: Sealed) -> str:
    """Write a new case and the run it was drafted from; return the path of the case.

    Raises BadValue where the id is taken, or a file of that name is there.
    """
    path = f"{EVALS}/{case}.yaml"
    taken = next((each.file for each in shelf.cases() if each.case.id == case), None)
    if taken is not None or path in shelf.files.entries or path in (QUARANTINE, GATE):
        raise BadValue(f"{case!r} is taken.", place=taken or path, hint="Name the case with --id.")
    keep_shipped(writing, case, "origin", origin)
    writing.write_bytes(path, text.encode())
    return path
