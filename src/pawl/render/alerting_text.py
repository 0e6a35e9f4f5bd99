"""Alerts at work as text for a terminal: what fires, what is silenced, what could not be sent."""

from collections.abc import Sequence
from typing import Protocol

from pawl.alerts.alert import Alert, Notice, Silence
from pawl.alerts.delivery import one_line
from pawl.alerts.reading import scope_text
from pawl.render.table import aligned, printable


class _Watched(Protocol):
    @property
    def state(self) -> str: ...
    @property
    def looked_at(self) -> str | None: ...
    @property
    def failure(self) -> str: ...


class _Line(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def alert(self) -> Alert: ...
    @property
    def silence(self) -> Silence | None: ...


class _Letter(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def failure(self) -> str: ...
    @property
    def notice(self) -> Notice: ...


class _View(Protocol):
    @property
    def watched(self) -> _Watched: ...
    @property
    def firing(self) -> Sequence[_Line]: ...
    @property
    def pending(self) -> Sequence[_Line]: ...
    @property
    def blind(self) -> Sequence[_Line]: ...
    @property
    def silences(self) -> Sequence[Silence]: ...
    @property
    def dead(self) -> Sequence[_Letter]: ...


def alerts_text(view: _View) -> str:
    """Return what fires and is pending, with silences and whether anybody looks."""
    lines = []
    for each in (*view.firing, *view.pending):
        alert = each.alert
        lines.append(
            f"{alert.state.value:8} {alert.level.value:8} {alert.rule}  "
            f"{one_line(scope_text(alert.scope), 120)}  since {alert.since[:19]}Z  {each.id}"
        )
        lines.append(f"    {one_line(alert.summary)}")
        lines += [f"    {told}" for told in _about(each)]
    if not view.firing and not view.pending:
        lines.append("Nothing fires.")
    for silence in view.silences:
        lines.append(
            f"silenced {printable(silence.rule)} until {silence.ends_at[:19]}Z by "
            f"{printable(silence.by)}: {one_line(silence.reason, 120)}  {silence.id}"
        )
    if view.blind:
        rules = sorted({each.alert.rule for each in view.blind})
        lines.append(f"cannot tell: {', '.join(rules)}")
    if view.dead:
        lines.append(f"{len(view.dead)} notices were never taken; see `pawl alerts dead`.")
    lines.append(_looked(view.watched))
    return "\n".join(lines) + "\n"


def dead_text(dead: Sequence[_Letter]) -> str:
    """Return the notices that no attempt got through."""
    if not dead:
        return "No notice is dead.\n"
    body = [
        (each.id, printable(each.channel), one_line(each.notice.title, 60),
         one_line(each.failure, 60), str(each.attempts))
        for each in dead
    ]  # fmt: skip
    return aligned(("notice", "channel", "tells", "failed with", "attempts"), body, left=4)


def _about(each: _Line) -> list[str]:
    alert, told = each.alert, []
    if alert.blind_since:
        told.append(f"no data since {alert.blind_since[:19]}Z")
    if each.silence is not None:
        told.append(f"silenced until {each.silence.ends_at[:19]}Z")
    elif alert.held_back:
        told.append(f"nobody was told: {one_line(alert.held_back, 160)}")
    if alert.acknowledged is not None:
        told.append(f"{printable(alert.acknowledged.by)} looks after it")
    return told


def _looked(watched: _Watched) -> str:
    if watched.state == "never":
        return "Nobody has looked yet: `pawl up` does."
    at = (watched.looked_at or "")[:19]
    if watched.state == "looking":
        return f"Looked at {at}Z."
    if watched.state == "failing":
        return f"Looking fails since before {at}Z: {one_line(watched.failure, 200)}"
    return f"Nobody looks; the last look was at {at}Z. Start `pawl up`."
