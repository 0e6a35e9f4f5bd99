"""A dump's folder: nothing foreign is touched, no link followed, one collection at a time."""

import json
from pathlib import Path

import pytest
from tests.world.host.fake_host import NOW

from pawl.base.errors import BadValue, Unavailable
from pawl.services.collecting import since_of
from pawl.services.collecting_state import journal
from pawl.world.host.folder import CollectionFolder


def test_files_are_replaced_whole_and_removed(tmp_path: Path) -> None:
    """What is written is read again; what is not there is None."""
    with CollectionFolder(tmp_path / "w", tmp_path / "d") as folder:
        for content in (b"[1]", b"[]"):
            folder.dump("reviews/1.json", content)
            folder.write("pages/a/0.json", content)
            assert folder.dumped("reviews/1.json") == folder.read("pages/a/0.json") == content
        assert folder.has_dumped("reviews/1.json")
        folder.undump("reviews/1.json")
        folder.undump("reviews/1.json")
        folder.forget("pages/a")
        folder.forget("pages")
        assert folder.dumped("reviews/1.json") is folder.read("pages/a/0.json") is None
        assert [path.name for path in tmp_path.rglob("*.draft")] == []


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../b", "", ".", "a\\b", "a\0", "é", "a/b/c/d"]
)
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    """Names come from a host's answers."""
    with CollectionFolder(tmp_path / "w", tmp_path / "d") as folder, pytest.raises(BadValue):
        folder.dump(name, b"")


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A repository that is collected into may have links where a dump has folders and files."""
    (tmp_path / "d").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "secret").write_text("keep")
    (tmp_path / "d/reviews").symlink_to(tmp_path / "out")
    (tmp_path / "d/pulls.json").symlink_to(tmp_path / "secret")
    (tmp_path / "d/.runs.json.draft").symlink_to(tmp_path / "secret")
    with CollectionFolder(tmp_path / "w", tmp_path / "d") as folder:
        with pytest.raises(BadValue):
            folder.dump("reviews/1.json", b"x")
        with pytest.raises(Unavailable):
            folder.dumped("pulls.json")
        with pytest.raises(Unavailable):
            folder.dump("runs.json", b"x")
        folder.dump("pulls.json", b"[]")
    assert (tmp_path / "secret").read_text() == "keep"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_with_something_else_in_it_is_not_cleared(tmp_path: Path) -> None:
    """Only a dump is emptied, and only of what dumps have."""
    dump = tmp_path / "d"
    with CollectionFolder(tmp_path / "w", dump) as folder:
        folder.clear_dump()
        dump.mkdir()
        folder.clear_dump()
        (dump / "notes.txt").write_text("mine")
        for export in ("", "{", json.dumps({"schema": "other"})):
            (dump / "export.json").write_text(export)
            with pytest.raises(BadValue, match="something else"):
                folder.clear_dump()
        (dump / "export.json").write_text(json.dumps({"schema": "pawl.host/1"}))
        folder.dump("teams/old.json", b"[]")
        folder.clear_dump()
    assert [path.name for path in dump.rglob("*") if path.is_file()] == ["notes.txt"]


def test_two_collections_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second one is told to wait, and may go on when the first is done."""
    with (
        CollectionFolder(tmp_path / "w", tmp_path / "d"),
        pytest.raises(Unavailable, match="running"),
        CollectionFolder(tmp_path / "w", tmp_path / "d"),
    ):
        pass
    with CollectionFolder(tmp_path / "w", tmp_path / "d"):
        pass


def test_a_line_that_broke_off_takes_no_other_with_it(tmp_path: Path) -> None:
    """What was half written when the process died is one file to ask for again."""
    line = b'{"file": "%s", "stamp": "s", "listed": true}\n'
    with CollectionFolder(tmp_path / "w", tmp_path / "d") as folder:
        folder.append("journal.ndjson", line % b"a.json")
        folder.append("journal.ndjson", (line % b"b.json")[:20])
        folder.append("journal.ndjson", line % b"c.json")
        assert journal(folder).keys() == {"a.json", "c.json"}


@pytest.mark.parametrize(
    ("window", "since"),
    [
        ("90d", "2026-08-23T00:00:00.000000Z"),
        ("2026-08-01", "2026-08-01T00:00:00.000000Z"),
        ("2026-08-01T02:00:00+02:00", "2026-08-01T00:00:00.000000Z"),
    ],
)
def test_a_window_is_a_duration_or_a_day(window: str, since: str) -> None:
    """Both give the time to look back to."""
    assert since_of(window, NOW) == since


@pytest.mark.parametrize("window", ["", "soon", "2027-01-01", "-3d", "999999999d", "2026-13-01"])
def test_a_window_that_is_none_is_asked_wrongly(window: str) -> None:
    """The message names the flag."""
    with pytest.raises(BadValue, match="--since"):
        since_of(window, NOW)
