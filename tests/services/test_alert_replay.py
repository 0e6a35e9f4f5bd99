"""Replay what is stored or in a file, and play the cases of rules, as the command line does."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import pawl.alerts.rules
from pawl.alerts.playing import events_of, shipped_cases
from pawl.alerts.rule import Rule
from pawl.base.catalogue import discover
from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.cli.main import main
from pawl.services.alert_replay import (
    alert_setup,
    events_of_file,
    play_rule,
    replay_events,
    stored_history,
)
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.history import walk_history
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event

RULES = discover(pawl.alerts.rules, "RULE", Rule)
CASE = shipped_cases("cost-over-threshold").cases[0]
END = "2026-11-16T10:00:00.000000Z"


def no_files(path: str) -> str | None:
    """Return nothing: there are no files."""
    return None


def setup_of(text: str | None = None, only: tuple[str, ...] = ()) -> object:
    """Return the setup of a `pawl.toml`."""
    return alert_setup(RULES, text, place="pawl.toml", read=no_files, only=only)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckEvents]:
    """An events store that holds the events of the case."""
    with SpoolWriter(tmp_path / "spool", "test") as spool:
        spool.append(reversed(events_of(CASE)))
        spool.commit()
    with DuckEvents(tmp_path) as events:
        events.drain(tmp_path / "spool")
        yield events


def test_the_stored_past_comes_in_order_whatever_the_page(store: DuckEvents) -> None:
    """Pages follow one another without a gap or a repetition."""
    expected = [event.id for event in events_of(CASE)]
    for page in (1, 7, 60, 1000):
        found = walk_history(store._rows, CASE.start, END, page=page)
        assert [event.id for event in found] == expected
    part = [event.id for event in store.history("2026-11-16T09:00:10.000000Z", END)]
    assert part == expected[1:]


def test_store_and_file_replay_alike(store: DuckEvents, tmp_path: Path) -> None:
    """The same events give the same bytes wherever they come from."""
    file = tmp_path / "events.ndjson"
    encode = msgspec.json.encode
    file.write_bytes(b"".join(encode(event) + b"\n" for event in reversed(events_of(CASE))))
    setup = alert_setup(RULES, None, place="pawl.toml", read=no_files)
    sources: list[object] = [events_of_file(file), stored_history(store, setup, None, END)]
    reports = {
        encode(replay_events(source, setup, price=None, since=None, until=END))  # type: ignore[arg-type]
        for source in sources
    }
    assert len(reports) == 1
    assert b"cost-over-threshold" in next(iter(reports))


def test_no_events_cannot_be_replayed() -> None:
    """Nothing to look at is not the same as nothing found."""
    setup = alert_setup(RULES, None, place="pawl.toml", read=no_files)
    with pytest.raises(CannotTell, match="no events"):
        replay_events([], setup, price=None, since=None, until=END)


@pytest.mark.parametrize("text", [b"not an event\n", b'{"id": 1}\n'])
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: bytes) -> None:
    """Lines that are no events are not passed over in silence."""
    file = tmp_path / "events.ndjson"
    file.write_bytes(text)
    with pytest.raises(BadFile, match="no events"):
        events_of_file(file)
    with pytest.raises(BadFile, match="cannot be read"):
        events_of_file(tmp_path / "absent")


def test_only_the_rules_asked_for_are_at_work() -> None:
    """`--rule` switches the others off, and an unknown one is refused with the known ones."""
    setup = alert_setup(RULES, None, place="p", read=no_files, only=("tool-errors",))
    assert list(setup.rules) == ["tool-errors"]
    with pytest.raises(BadValue, match="no rule is called"):
        setup_of(only=("no-such",))


def test_objectives_that_are_not_there_are_refused() -> None:
    """A file named in `alerts.objectives` has to exist."""
    with pytest.raises(BadFile, match="not there"):
        setup_of('[alerts]\nobjectives = ["slo.yaml"]\n')


def test_playing_a_rule_reports_its_cases() -> None:
    """The report says that the rule was set off and that each case went as told."""
    report = play_rule("tool-errors", RULES)
    assert report.passed
    assert report.set_off
    assert [case.fired for case in report.cases] == [1, 1, 0, 0, 1, 0]


def test_a_rule_that_never_fires_does_not_pass() -> None:
    """A dead rule is found out by its own cases."""
    dead = msgspec.structs.replace(RULES["tool-errors"], kinds=frozenset())
    report = play_rule("tool-errors", {"tool-errors": dead})
    assert not report.passed
    assert not report.set_off


def test_the_commands_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules are listed, cases played, a file replayed; nothing to replay is status 3."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "events.ndjson"
    events: list[Event] = events_of(CASE)
    file.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    data = ["--data", str(tmp_path / "data"), "alerts"]
    assert main([*data, "rules"]) == 0
    assert "cost-over-threshold" in capsys.readouterr().out
    assert main([*data, "test", "run-stopped", "--json"]) == 0
    assert msgspec.json.decode(capsys.readouterr().out)[0]["rule"] == "run-stopped"
    assert main([*data, "replay", "--events", str(file), "--tick", "10s"]) == 0
    out = capsys.readouterr().out
    assert "limit $20.00" in out
    assert "request:r0-" in out
    assert "and 15 more" in out
    file.write_bytes(b"")
    assert main([*data, "replay", "--events", str(file)]) == 3
