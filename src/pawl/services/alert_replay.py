"""Replay alert rules over what is stored or in a file, and play the cases that rules bring."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from pawl.alerts.configuring import Setup, set_up
from pawl.alerts.objectives import Objective, read_objectives
from pawl.alerts.playing import play, shipped_cases
from pawl.alerts.replay import TICK_S, Replayed, replay
from pawl.alerts.requests import Price
from pawl.alerts.rule import Rule
from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.base.loading import load_toml
from pawl.base.times import format_time, parse_time
from pawl.runs.alert_settings import AlertSettings
from pawl.runs.machine_settings import MachineSettings
from pawl.store.spool import read_segment
from pawl.telemetry.event import Event

EVENTS_MAX = 5_000_000
"""Events of one file that are put in order; a store needs no such limit."""
_READ_BYTES = 8 * 1024 * 1024
_BEGINNING = "1970-01-01T00:00:00.000000Z"


class History(Protocol):
    """An events store that knows the past."""

    def history(self, since: str, until: str) -> Iterator[Event]:
        """Yield events in the order of their times."""


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl alerts replay`."""

    schema: Literal["pawl.alert-replay/1"] = "pawl.alert-replay/1"
    rules: tuple[str, ...]
    replayed: Replayed


class CaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """How one case went: `fired` episodes, and what differs from what it expects."""

    case: str
    fired: int
    problems: tuple[str, ...]


class CasesReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl alerts test`: the rule's cases, and whether all went as expected."""

    schema: Literal["pawl.alert-test/1"] = "pawl.alert-test/1"
    rule: str
    passed: bool
    set_off: bool
    cases: tuple[CaseReport, ...]


def alert_setup(
    rules: dict[str, Rule],
    settings: str | None,
    *,
    place: str,
    read: Callable[[str], str | None],
    only: Iterable[str] = (),
) -> Setup:
    """Return what `pawl.toml` asks of alerts; None is no such file.

    `read` gives the text of a file of objectives by its path as written, None where there is
    none. With `only` no other rule is at work. Raises BadFile, and BadValue for an unknown rule.
    """
    asked = MachineSettings().alerts
    if settings is not None:
        asked = load_toml(settings, MachineSettings, place=place).alerts
    wanted = tuple(only)
    for name in wanted:
        _known(name, rules)
    if wanted:
        off = tuple(sorted(set(rules) - set(wanted)))
        asked = msgspec.structs.replace(asked, off=off)
    return set_up(rules, asked, objectives=objectives_of(asked, read), place=place)


def objectives_of(asked: AlertSettings, read: Callable[[str], str | None]) -> list[Objective]:
    """Return the objectives of the files that settings name; raises BadFile."""
    found: list[Objective] = []
    for path in asked.objectives:
        text = read(path)
        if text is None:
            raise BadFile("is not there.", place=path, hint="Mend alerts.objectives.")
        found += read_objectives(text, place=path)
    return found


def replay_events(
    events: Iterable[Event],
    setup: Setup,
    *,
    price: Price | None,
    since: str | None,
    until: str,
    tick_s: float = TICK_S,
) -> ReplayReport:
    """Return when each rule would have fired; raises CannotTell without any event."""
    replayed = replay(events, setup, price=price, since=since, until=until, tick_s=tick_s)
    if not replayed.taken.facts:
        raise CannotTell(
            "there are no events to replay.", hint="Import some with `pawl import`, or name a file."
        )
    return ReplayReport(rules=tuple(sorted(setup.rules)), replayed=replayed)


def stored_history(store: History, setup: Setup, since: str | None, until: str) -> Iterator[Event]:
    """Yield the stored events that a replay from `since` on needs, what it learns from included."""
    begin = _BEGINNING
    if since is not None:
        begin = format_time(parse_time(since) - timedelta(seconds=setup.history_s))
    return store.history(begin, until)


def events_of_file(path: Path) -> list[Event]:
    """Return the events of an NDJSON file, such as a segment of the spool, in order of time.

    Raises BadFile for a file that cannot be read, holds lines that are no events, or too many.
    """
    found: list[Event] = []
    offset = 0
    try:
        while True:
            part = read_segment(path, offset, max_bytes=_READ_BYTES)
            found += part.events
            if part.bad:
                raise BadFile(f"{part.bad} lines are no events.", place=str(path))
            if len(found) > EVENTS_MAX:
                raise BadFile(f"more than {EVENTS_MAX:,} events.", place=str(path))
            if part.next_offset == offset:
                break
            offset = part.next_offset
    except (OSError, ValueError) as error:
        raise BadFile(f"cannot be read: {error}.", place=str(path)) from error
    return sorted(found, key=lambda event: (event.time, event.id))


def play_rule(name: str, rules: dict[str, Rule]) -> CasesReport:
    """Return how a rule's shipped cases go, with that rule alone at work."""
    rule = _known(name, rules)
    played = [play(case, name, {name: rule}) for case in shipped_cases(name).cases]
    return CasesReport(
        rule=name,
        passed=not any(each.problems for each in played),
        set_off=any(each.fired for each in played),
        cases=tuple(
            CaseReport(case=each.name, fired=len(each.replayed.episodes), problems=each.problems)
            for each in played
        ),
    )


def _known(name: str, rules: dict[str, Rule]) -> Rule:
    if name not in rules:
        known = ", ".join(sorted(rules))
        raise BadValue(f"no rule is called {name!r}.", hint=f"There are: {known}.")
    return rules[name]
