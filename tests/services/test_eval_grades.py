"""What is remembered of records: the same answers, never of an altered one."""

import msgspec
import pytest
from tests.services.eval_repository import Repository, blessed

from pawl.base.errors import Unavailable
from pawl.evals.shelf import RECORDS
from pawl.services import eval_grades


class Memory:
    """A storage that counts what is written, and may be broken."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.written = 0
        self.broken = False

    def read(self, name: str) -> bytes | None:
        """Return a file."""
        if self.broken:
            raise Unavailable("cannot be read.")
        return self.held.get(name)

    def replace(self, name: str, content: bytes) -> None:
        """Write a file."""
        if self.broken:
            raise Unavailable("cannot be written.")
        self.written += 1
        self.held[name] = content


def _bytes(repository: Repository, memory: Memory | None) -> bytes:
    return msgspec.json.encode(repository.evals(storage=memory).grade())


def test_what_is_remembered_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second time no record is opened, and the result is the same."""
    repository, memory = blessed(), Memory()
    first = _bytes(repository, memory)
    assert first == _bytes(repository, None)
    assert memory.written == 1

    def never(*_: object) -> None:
        raise AssertionError("a record was opened again")

    monkeypatch.setattr(eval_grades, "opened", never)
    assert _bytes(repository, memory) == first
    assert memory.written == 1


def test_an_altered_record_is_not_answered_from_memory() -> None:
    """Neither an altered file nor one under another name is what was remembered."""
    repository, memory = blessed(), Memory()
    _bytes(repository, memory)
    path = next(
        p for p in repository.tree.held if p.startswith(f"{RECORDS}/release/") and len(p) > 80
    )
    content = repository.tree.held.pop(path)
    repository.tree.held[f"{RECORDS}/release/{'0' * 64}.trial.gz"] = content
    result = repository.evals(storage=memory).grade()
    assert len(result.refused) == 1
    repository.tree.held[path] = content[:-8] + b"\0" * 8
    assert len(repository.evals(storage=memory).grade().refused) == 2


def test_an_edited_case_is_judged_anew() -> None:
    """What is remembered is of one case, word for word."""
    repository, memory = blessed(guard=False), Memory()
    assert repository.evals(storage=memory).grade().exit_code == 0
    repository.edit("release", "contains: done", "contains: gone")
    assert repository.evals(storage=memory).grade().exit_code == 3
    assert memory.written == 2


@pytest.mark.parametrize("damage", ["cut", "altered", "empty", "another version"])
def test_a_damaged_memory_is_made_anew(damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be deleted or broken at any time, and is never believed then."""
    repository, memory = blessed(), Memory()
    first = _bytes(repository, memory)
    ((name, content),) = memory.held.items()
    if damage == "another version":
        monkeypatch.setattr(eval_grades, "FORMAT", 999)
    else:
        broken = {"cut": content[:-1], "altered": content[:20] + b"x" + content[21:], "empty": b""}
        memory.held[name] = broken[damage]
    assert _bytes(repository, memory) == first
    assert memory.written == 2


def test_a_memory_that_cannot_be_had_costs_time_only() -> None:
    """A full or unreadable folder changes no answer."""
    repository, memory = blessed(), Memory()
    memory.broken = True
    assert _bytes(repository, memory) == _bytes(repository, None)
