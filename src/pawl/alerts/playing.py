"""Play a rule's shipped cases: made-up series that must set it off, and twins that must not.

A case is a few lines of YAML, from which events are made: `series` of one event each, repeated
`count` times `every` so often. `{n}` in a text is the number of the repetition. What is expected
are all episodes of the case, to the tick, or that the rule says that it cannot tell.
"""

from importlib.resources import files
from typing import Any

import msgspec

from pawl.alerts.configuring import set_up
from pawl.alerts.instants import instant, seconds
from pawl.alerts.objectives import read_objectives
from pawl.alerts.reading import Level
from pawl.alerts.replay import Replayed, replay
from pawl.alerts.rule import Rule
from pawl.base import typed
from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.runs.alert_settings import AlertSettings
from pawl.telemetry.event import Event

SCHEMA = "pawl.alert-cases/1"
EVENTS_MAX = 200_000


class Series(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events alike: the first at `at` after the start, `count` of them, one `every` so often."""

    event: dict[str, Any]
    at: str = "0"
    every: str = "0"
    count: int = 1


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One episode: fired and resolved so long after the start; `row` is one of its rows."""

    fired: str
    resolved: str | None = None
    level: Level = Level.WARNING
    scope: dict[str, str] | None = None
    row: str | None = None
    cause: str | None = None
    blind: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One story. `numbers` differ from the shipped ones, `no_data` is part of what it says."""

    name: str
    series: tuple[Series, ...]
    until: str
    start: str = "2026-11-16T09:00:00.000000Z"
    tick: str = "10s"
    numbers: dict[str, Any] = {}
    objectives: str = ""
    expect: tuple[Expected, ...] = ()
    no_data: str | None = None


class CaseFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of one rule."""

    schema: str
    rule: str
    cases: tuple[Case, ...]


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """How a case went; `problems` is empty when it went as expected."""

    name: str
    problems: tuple[str, ...]
    replayed: Replayed

    @property
    def fired(self) -> bool:
        """Whether the rule was set off."""
        return bool(self.replayed.episodes)


def shipped_cases(rule: str) -> CaseFile:
    """Return the cases of a rule of ours; raises BadFile when none are shipped."""
    name = f"{rule}.yaml"
    try:
        text = files("pawl.alerts").joinpath("cases", name).read_text(encoding="utf-8")
    except OSError as error:
        raise BadFile(f"the rule {rule} brings no cases.", place=name) from error
    return load_yaml(text, CaseFile, place=name)


def play(case: Case, rule: str, rules: dict[str, Rule]) -> Played:
    """Return how a case goes with these rules at work; `rule` is the one it is about."""
    settings = AlertSettings(rules={rule: case.numbers} if case.numbers else {})
    objectives = read_objectives(case.objectives, place="objectives") if case.objectives else ()
    setup = set_up(rules, settings, objectives=objectives)
    begin = seconds(case.start)
    replayed = replay(
        events_of(case),
        setup,
        until=instant(begin + _offset(case.until)),
        tick_s=_offset(case.tick),
    )
    problems = [*_compared(case, rule, replayed, begin)]
    if case.no_data is not None and case.no_data not in replayed.blind.get(rule, ""):
        said = replayed.blind.get(rule, "nothing of it")
        problems.append(f"it should say that it cannot tell ({case.no_data}), and says {said!r}")
    return Played(name=case.name, problems=tuple(problems), replayed=replayed)


def events_of(case: Case) -> list[Event]:
    """Return the events of a case in the order of their times."""
    begin = seconds(case.start)
    made: list[Event] = []
    for number, series in enumerate(case.series):
        first, every = _offset(series.at), _offset(series.every)
        for n in range(series.count):
            values = {
                "id": f"e{number}-{n}",
                "time": instant(begin + first + n * every),
                "source": "run",
                "agent": "claude-code",
            }
            if series.event.get("kind") == "request":
                values["request_id"] = f"r{number}-{n}"
            made.append(typed.convert(values | _filled(series.event, n), Event, strict=True))
        if len(made) > EVENTS_MAX:
            raise BadFile(f"more than {EVENTS_MAX:,} events.", place=case.name)
    return sorted(made, key=lambda event: (event.time, event.id))


def _filled(value: Any, n: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(n))
    if isinstance(value, dict):
        return {key: _filled(each, n) for key, each in value.items()}
    return value


def _offset(text: str) -> float:
    return 0.0 if text == "0" else parse_duration(text)


def _compared(case: Case, rule: str, replayed: Replayed, begin: float) -> list[str]:
    problems = []
    episodes = list(replayed.episodes)
    for expected in case.expect:
        fired = instant(begin + _offset(expected.fired))
        found = next(
            (
                each
                for each in episodes
                if (each.rule, each.level, each.fired_at) == (rule, expected.level, fired)
                and (expected.scope is None or expected.scope.items() <= dict(each.scope).items())
            ),
            None,
        )
        if found is None:
            problems.append(f"no {expected.level.value} fired at {fired}")
            continue
        episodes.remove(found)
        until = None if expected.resolved is None else begin + _offset(expected.resolved)
        if found.resolved_at != (None if until is None else instant(until)):
            problems.append(f"the {found.level.value} of {fired} resolved at {found.resolved_at}")
        if expected.blind is not found.blind:
            problems.append(f"the {found.level.value} of {fired} says blind: {found.blind}")
        if expected.row is not None:
            kind, _, name = expected.row.partition(":")
            if (kind, name) not in {(row.kind, row.id) for row in found.rows}:
                problems.append(f"{expected.row} is not among its rows")
        if expected.cause is not None and expected.cause not in found.cause:
            problems.append(f"its cause is {found.cause!r}")
        if not found.rows:
            problems.append("it brings no rows")
    problems += [
        f"{each.rule} {each.level.value} fired at {each.fired_at} unasked: {each.summary}"
        for each in episodes
    ]
    return problems
