"""Figures out of the records: made again the same, and told as metrics without false zeros."""

import json
from typing import Any

import pytest
from tests.changes.made_changes import at, decided

from pawl.base.errors import BadFile
from pawl.changes.change import Happened, Happening
from pawl.changes.metrics import Figures, report_bytes
from pawl.changes.releases import Window
from pawl.server.api.exposition import exposition
from pawl.services.change_figures import (
    FRESH_S,
    MAX_REPORT,
    ChangeMeter,
    families,
    figures_of,
    made_again,
)

H = Happening
STARTED: dict[str, Any] = {"decision": "good", "exceptions": []}


class Kept:
    """The records, as far as figures ask of them; it counts how often it was read."""

    def __init__(self, *events: Happened) -> None:
        self.events = list(events)
        self.read = 0

    def window(self, since: str, until: str) -> Window:
        self.read += 1
        return Window(
            events=tuple(self.events), decisions={"good": decided()}, commits={}, exceptions=()
        )


def event(type: Happening, hour: float, change: str = "chg-1", **sets: Any) -> Happened:
    return Happened(type=type, change=change, at=at(hour), by="github:1", sets=sets)


def kept() -> Kept:
    """Return the records of a change that went live and of one that went around everything."""
    return Kept(
        event(H.OPENED, 0),
        event(H.STARTED, 1, **STARTED),
        event(H.LIVE, 2),
        event(H.FOUND, 3, "chg-2"),
    )


def between(records: Kept, since: float = 0, until: float = 9) -> Figures:
    return figures_of(records, at(since), at(until))


def test_figures_are_of_what_is_on_record() -> None:
    """One of two releases went around everything: half is covered, and half lacks approval."""
    found = between(kept())
    assert (found.releases, found.unmanaged) == (2, 1)
    assert (found.gate_coverage.value, found.missing_approvals.value) == (0.5, 0.5)
    assert found.lead_time.median_s == 3600


def test_an_old_report_is_made_again() -> None:
    """What happened since changes nothing of it: the bytes are identical."""
    records = kept()
    report = report_bytes(between(records))
    records.events.append(event(H.ROLLBACK_STARTED, 10, trigger_at=at(10)))
    again = made_again(report, lambda a, b: figures_of(records, a, b), place="r.json")
    assert (again.identical, again.why) == (True, "")


def test_a_report_that_was_touched_up_shows() -> None:
    """A figure that the records do not give is named; so is another set of definitions."""
    records = kept()
    told = json.loads(report_bytes(between(records)))
    told["releases"] = 1
    again = made_again(
        json.dumps(told).encode(), lambda a, b: figures_of(records, a, b), place="r.json"
    )
    assert (again.identical, again.why) == (False, "The records say otherwise of releases.")
    told["definitions"]["version"] = "0"
    other = made_again(
        json.dumps(told).encode(), lambda a, b: figures_of(records, a, b), place="r.json"
    )
    assert "definitions 0" in other.why


@pytest.mark.parametrize("text", [b"", b"{}", b"[" * 10_000, b" " * (MAX_REPORT + 1)])
def test_what_is_no_report_is_refused(text: bytes) -> None:
    """Neither half a file nor a huge one is compared with anything."""
    with pytest.raises(BadFile, match=r"r\.json"):
        made_again(text, lambda a, b: between(kept()), place="r.json")


def test_metrics_tell_shares_with_what_they_are_of() -> None:
    """A share of nothing has no sample, and its denominator says that it is of nothing."""
    text = exposition(families(between(kept())), openmetrics=False)
    assert 'pawl_change_releases{managed="no"} 1' in text
    assert 'pawl_change_share_ratio{figure="gate_coverage"} 0.5' in text
    assert 'pawl_change_share_of{figure="gate_coverage"} 2' in text
    assert 'pawl_change_time_seconds{figure="lead_time",quantile="0.5"} 3600' in text
    empty = exposition(families(between(kept(), 20, 21)), openmetrics=True)
    assert "pawl_change_share_ratio{" not in empty
    assert 'pawl_change_share_of{figure="gate_coverage"} 0' in empty


def test_the_records_are_read_once_a_minute() -> None:
    """However often it is scraped; and a clock that was set back reads again."""
    records, hour = kept(), 4.0
    meter = ChangeMeter(lambda a, b: figures_of(records, a, b), lambda: at(hour))
    assert meter.families() == meter.families()
    assert records.read == 1
    hour += FRESH_S / 3600
    meter.families()
    hour -= 1
    meter.families()
    assert records.read == 3
