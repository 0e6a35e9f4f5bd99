"""What a trial changed: snapshots compared."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pawl.base.canonical import sha256_hex
from pawl.evals import workspace_diff
from pawl.evals.workspace_diff import FileState, Snapshot, difference, lines_changed

_LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12)
_FILES = st.dictionaries(
    st.sampled_from(["a", "b", "d/e", "d/f", "g"]), st.binary(max_size=6), max_size=5
)


def _snapshot(files: dict[str, bytes]) -> Snapshot:
    states = {path: FileState("file", sha256_hex(each), len(each)) for path, each in files.items()}
    return Snapshot(files=states)


@given(before=_FILES, after=_FILES)
def test_every_difference_and_nothing_else_is_told(
    before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    """Added, modified and deleted files are those that a naive comparison finds, sorted."""
    found = difference(_snapshot(before), _snapshot(after), before.get, after.get)
    naive = {
        path: "added" if path not in before else "deleted" if path not in after else "modified"
        for path in {*before, *after}
        if before.get(path) != after.get(path)
    }
    assert {each.path: each.change for each in found.changes} == naive
    assert [each.path for each in found.changes] == sorted(naive)
    assert found.complete


@given(before=_LINES, after=_LINES)
def test_counted_lines_lead_from_one_text_to_the_other(before: list[str], after: list[str]) -> None:
    """They make up the change in length, at least what any diff needs and at most everything."""
    old, new = "".join(f"{each}\n" for each in before), "".join(f"{each}\n" for each in after)
    added, removed = lines_changed(old, new)
    assert added - removed == len(after) - len(before)
    assert (Counter(after) - Counter(before)).total() <= added <= len(after)
    assert (added, removed) == (0, 0) if before == after else added + removed > 0


def test_too_many_lines_are_counted_without_their_order() -> None:
    """A rewritten file of many thousand lines costs no square of them."""
    before = "".join(f"{number}\n" for number in range(50_000))
    after = "".join(f"{number + 10}\n" for number in range(50_000))
    assert lines_changed(before, after) == (10, 10)


def test_lines_of_what_is_no_text_are_not_told() -> None:
    """Of binary files, links and files that are too large only the change is told."""
    binary = difference(_snapshot({}), _snapshot({"a": b"\0"}), lambda _: None, lambda _: b"\0")
    assert binary.changes[0].lines_added is None
    link = Snapshot(files={"a": FileState("link", "x", 1)})
    found = difference(_snapshot({"a": b"x"}), link, lambda _: b"x", lambda _: b"never read")
    assert (found.changes[0].change, found.changes[0].lines_removed) == ("modified", None)


def test_a_name_that_is_no_unicode_can_be_stored() -> None:
    """A byte that is no UTF-8 is written out, so that the record can be sealed."""
    found = difference(_snapshot({}), _snapshot({"a\udcff": b"x\n"}), lambda _: None, lambda _: b"")
    assert found.changes[0].path == "a\\xff"


def test_not_all_seen_is_said() -> None:
    """A partial snapshot, or more changes than a record holds, is not the whole difference."""
    part = Snapshot(files={}, complete=False)
    assert not difference(_snapshot({}), part, lambda _: None, lambda _: None).complete
    many = {str(number): b"" for number in range(workspace_diff.MAX_CHANGES + 1)}
    found = difference(_snapshot({}), _snapshot(many), lambda _: None, lambda _: b"")
    assert len(found.changes) == workspace_diff.MAX_CHANGES
    assert not found.complete
