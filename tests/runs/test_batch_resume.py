"""What a batch that goes on refuses."""

import msgspec
import pytest
from tests.runs.batches import AT, items

from pawl.base.errors import BadFile, BadValue
from pawl.runs.batch_events import Begun, Started
from pawl.runs.batch_item import make_item
from pawl.runs.batch_result import Told, declined
from pawl.runs.batch_resume import (
    read_journal,
    read_results,
    refuse_another_command,
    refuse_changed,
)

BEGUN = msgspec.json.encode(Begun(command_digest="d", at=AT))
STARTED = msgspec.json.encode(Started(item="n0", run_id="r", cap_micros=5, at=AT))


def results(count: int) -> list[Told]:
    """Return what a later call reads of the results of so many items."""
    lines = [msgspec.json.encode(declined(each, "no")) for each in items(count)]
    return read_results(lines, "out")


def test_a_journal_comes_back() -> None:
    """Lines are events again, the first tells the command; an empty journal tells none."""
    begun, events = read_journal([BEGUN, STARTED], "j")
    assert begun is not None
    assert begun.command_digest == "d"
    assert events == [Started(item="n0", run_id="r", cap_micros=5, at=AT)]
    assert read_journal([], "j") == (None, [])


@pytest.mark.parametrize(
    ("lines", "place"),
    [([STARTED], "j:1"), ([BEGUN, BEGUN], "j:2"), ([BEGUN, b"{}"], "j:2"), ([b"\xff"], "j:1")],
)
def test_another_file_is_no_journal(lines: list[bytes], place: str) -> None:
    """What is no journal is refused with the line, and nothing is guessed."""
    with pytest.raises(BadFile) as raised:
        read_journal(lines, "j")
    assert raised.value.place == place


@pytest.mark.parametrize("line", [b"", b"{}", b'{"schema":"pawl.run/1"}', b"\xff", b"[]"])
def test_another_file_is_no_result(line: bytes) -> None:
    """A file that somebody else wrote is not continued."""
    with pytest.raises(BadFile):
        read_results([line], "out")


def test_a_second_result_of_an_item_is_refused() -> None:
    """Two lines about one item are a file that somebody edited."""
    line = msgspec.json.encode(declined(items(1)[0], "no"))
    with pytest.raises(BadFile, match="a second result of 'n0'"):
        read_results([line, line], "out")


def test_another_command_is_refused() -> None:
    """Answers to another question are not continued."""
    refuse_another_command(None, "d", "out")
    refuse_another_command(Begun(command_digest="d", at=AT), "d", "out")
    with pytest.raises(BadValue) as raised:
        refuse_another_command(Begun(command_digest="e", at=AT), "d", "out")
    assert "--anew" in raised.value.hint


def test_items_with_a_result_must_be_unchanged() -> None:
    """An edited and a removed item are named; new ones and those without a result are free."""
    told = results(2)
    refuse_changed(items(3), told, "f")
    edited = make_item({"id": "n1", "prompt": "new"}, "line 2", "f")
    with pytest.raises(BadValue, match=r"1 of the items that have a result were edited: n1"):
        refuse_changed((items(1)[0], edited), told, "f")
    with pytest.raises(BadValue, match=r"1 of the items that have a result were removed: n1"):
        refuse_changed(items(1), told, "f")
    refuse_changed((items(1)[0], edited), told[:1], "f")
