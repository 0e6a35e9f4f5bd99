"""What a server does with contents: it lets them go in their time, whether it takes more or not."""

from pathlib import Path

import pytest

from pawl.runs.machine_settings import ContentSettings
from pawl.services.served_contents import ServedContents
from pawl.store.content_days import ContentsUnavailable
from pawl.store.contents import Contents
from pawl.telemetry.content import Content, Role


class Clock:
    """Shows the time it was set to."""

    time = "2026-11-21T12:00:00.000000Z"

    def __call__(self) -> str:
        return self.time


def filled(folder: Path, clock: Clock) -> None:
    """Keep a text of the day the clock shows."""
    contents = Contents(folder, clock)
    told = {"event_id": "e1", "time": clock(), "session_id": "s1"}
    contents.keep([Content(role=Role.PROMPT, text="words", characters=5, **told)])
    contents.close()


def test_old_days_go_once_an_hour_also_when_the_switch_is_off(tmp_path: Path) -> None:
    """The folder is looked at when an hour begins, and not at each drain."""
    clock = Clock()
    filled(tmp_path, clock)
    day = tmp_path / "contents" / "2026-11-21.db"
    with ServedContents(tmp_path, clock, ContentSettings(keep=False, days=1)) as served:
        assert served.keeping is None
        served.tidy()
        assert day.exists()
        clock.time = "2026-11-23T12:59:59.999999Z"
        served.tidy()
        assert not day.exists()
        day.write_bytes(b"")
        served.tidy()
        assert day.exists()
        clock.time = "2026-11-23T13:00:00.000000Z"
        served.tidy()
        assert not day.exists()


def test_what_cannot_be_deleted_is_tried_again(tmp_path: Path) -> None:
    """And told each time: it is there longer than was promised."""
    clock = Clock()
    filled(tmp_path, clock)
    stuck = tmp_path / "contents" / "lock"
    stuck.unlink()
    stuck.mkdir()
    clock.time = "2026-11-23T12:00:00.000000Z"
    with ServedContents(tmp_path, clock, ContentSettings(days=1)) as served:
        for _ in range(2):
            with pytest.raises(ContentsUnavailable):
                served.tidy()
        stuck.rmdir()
        served.tidy()
    assert not (tmp_path / "contents" / "2026-11-21.db").exists()
