"""What our own records tell of a window: changes of the desk, alerts that fired, events."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from pawl.base.times import format_time, parse_time
from pawl.changes.change import Change as DeskChange
from pawl.changes.change import State
from pawl.changes.parts import (
    Budget,
    Code,
    Data,
    EvalSet,
    Model,
    PolicyFile,
    Prompt,
    Routing,
    Tool,
)
from pawl.investigation.facts import Alarm, Change, ChangeKind, Facts
from pawl.investigation.from_events import facts_of_events
from pawl.investigation.symptoms import epoch
from pawl.investigation.terms import Terms
from pawl.store.records import alert_history
from pawl.store.records.connection import Engine
from pawl.telemetry.event import Event

MAX_TEXT = 6_000
_FOLDERS: dict[type, str] = {
    Prompt: "prompts",
    Model: "routing",
    Routing: "routing",
    Tool: "permissions",
    PolicyFile: "policy",
    Budget: "policy",
    Data: "policy",
    EvalSet: "evals",
    Code: "code",
    type(None): "code",
}
"""What a part is of, as the paths of a repository would say it."""


class Changes(Protocol):
    """The desk of changes, as far as an investigation needs it."""

    def list(self, *, limit: int = 200) -> tuple[DeskChange, ...]:
        """Return changes, last changed first."""


class History(Protocol):
    """The events of the past."""

    def history(self, since: str, until: str) -> Iterator[Event]:
        """Yield the events of a window."""


class RecordedHere:
    """The records of this machine, opened when they are asked."""

    def __init__(
        self,
        desk: Callable[[], Changes],
        engine: Callable[[], Engine],
        rules: Callable[[], tuple[str, ...]],
        events: Callable[[], AbstractContextManager[History]],
        *,
        own: bool = True,
    ) -> None:
        """`own` says that the engine is ours to close after each question."""
        self._own = own
        self._desk = desk
        self._engine = engine
        self._rules = rules
        self._events = events

    def changes(self, since: str, until: str) -> tuple[Change, ...]:
        """Return the changes that began to roll out, or were taken back, in a window."""
        found: list[Change] = []
        for each in self._desk().list(limit=1_000):
            found += change_of(each)
        return tuple(each for each in found if since <= each.at <= until)

    def alarms(self, since: str, until: str) -> tuple[Alarm, ...]:
        """Return the alerts that fired in a window."""
        engine = self._engine()
        try:
            told = alert_history.fired(engine, self._rules(), since, until)
        finally:
            if self._own:
                engine.dispose()
        return tuple(
            Alarm(
                id=each.alert_id,
                at=each.at,
                title=f"{each.rule} {' '.join(f'{name}={value}' for name, value in each.scope)}",
                source="alerts",
                component=dict(each.scope).get("project", ""),
                place=f"alert {each.alert_id}",
            )
            for each in told
        )

    def failed_actions(self, since: str, until: str) -> int:
        """Return how many automated actions failed in a row at the end of a window."""
        return failed_in_a_row(self._desk().list(limit=1_000), since, until)

    def event_facts(self, since: str, until: str, terms: Terms) -> Facts:
        """Return what the events of a window tell."""
        with self._events() as past:
            told = past.history(since, format_time(parse_time(until)))
            return facts_of_events(told, epoch(since), epoch(until), terms)


def failed_in_a_row(changes: Iterable[DeskChange], since: str, until: str) -> int:
    """Return how many rollouts and rollbacks failed in a window after the last that did not.

    A rollout that had to go back failed, unless it ended as planned; a rollback failed where the
    change still stands there as one that could not be taken back.
    """
    told: list[tuple[str, int, bool]] = []
    for each in changes:
        if each.live_at is not None:
            told.append((each.live_at, 0, True))
        if each.rollback_at is not None and not each.ended_as_planned:
            told.append((each.rollback_at, 1, False))
        if each.state is State.ROLLED_BACK and each.ended_at is not None:
            told.append((each.ended_at, 2, True))
        if each.state is State.ROLLBACK_FAILED:
            told.append((each.changed_at, 2, False))
    count = 0
    for at, _, succeeded in sorted(told):
        if since <= at <= until:
            count = 0 if succeeded else count + 1
    return count


def change_of(change: DeskChange) -> list[Change]:
    """Return a change as it took effect, and as it was taken back."""
    manifest = change.manifest
    names = tuple(
        path
        for name, part in sorted(manifest.parts.items())
        for path in (name, f"{_FOLDERS[type(part or manifest.base.get(name))]}/{name}")
    )
    found = []
    if change.started_at is not None:
        found.append(
            Change(
                kind=ChangeKind.CHANGE,
                id=change.id,
                at=change.started_at,
                title=manifest.title,
                source="changes",
                place=f"change {change.id}",
                who=", ".join(change.authors[:3]),
                body=manifest.why,
                text="\n".join(str(part)[:500] for part in manifest.parts.values())[:MAX_TEXT],
                paths=names,
                component=manifest.scope,
            )
        )
    if change.rollback_at is not None:
        found.append(
            Change(
                kind=ChangeKind.CHANGE,
                id=f"{change.id} back",
                at=change.rollback_at,
                title=f"Back: {manifest.title}",
                source="changes",
                place=f"change {change.id}",
                component=manifest.scope,
                undo=True,
                undoes=change.id,
            )
        )
    return found
