"""The values that alerting keeps and hands over: alerts, silences, notices and the log.

All are plain values that encode to JSON, so that the records can keep them as they are. Times are
canonical text.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

from pawl.alerts.reading import Level, Row, Scope
from pawl.alerts.state import State
from pawl.base.canonical import digest

Key = tuple[str, Level, Scope]
"""Rule, level, scope: what tells one alert from another."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody looks after a firing alert. It ends with the firing."""

    by: str
    at: str
    note: str = ""


class Silence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No notices for what it matches, until it expires; the alerts themselves go on.

    `rule` and the values of `scope` are shell globs. A silence without a reason or an end is not
    one: both are demanded.
    """

    id: str
    reason: str
    by: str
    starts_at: str
    ends_at: str
    rule: str = "*"
    scope: dict[str, str] = {}
    level: Level | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One condition for one scope and threshold, and its life so far.

    `since` is when the present state began, `held_since` when the condition began to hold (None
    when it does not), `fired_at` and `resolved_at` the latest of each. `blind_since` is set
    while the rule cannot see its data: a firing alert stays firing and says so.
    """

    rule: str
    level: Level
    scope: Scope
    state: State = State.INACTIVE
    since: str = ""
    held_since: str | None = None
    fired_at: str | None = None
    resolved_at: str | None = None
    blind_since: str | None = None
    looked_at: str = ""
    value: float | None = None
    peak: float | None = None
    threshold: float | None = None
    unit: str = ""
    summary: str = ""
    cause: str = ""
    rows: tuple[Row, ...] = ()
    signature: str = ""
    acknowledged: Acknowledgement | None = None
    held_back: str = ""
    """Why the notice of this firing was not sent yet, in words; empty when it was."""
    told_at: str | None = None
    """When somebody was first told of this firing; None while nobody was."""

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return (self.rule, self.level, self.scope)

    @property
    def id(self) -> str:
        """The same for the same rule, level and scope, for ever: what a person names."""
        return alert_id(self.rule, self.level, self.scope)


class NoticeKind(StrEnum):
    """What a notice tells."""

    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    """A firing alert can no longer see its data."""
    CHECKPOINT = "checkpoint"
    """No alert: a checkpoint of the ledger, to be kept by whoever receives it."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One alert in a notice, as it stood."""

    alert_id: str
    notice_id: str
    rule: str
    level: Level
    scope: Scope
    state: State
    summary: str
    cause: str = ""
    response: str = ""
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    rows: tuple[Row, ...] = ()
    since: str = ""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a notice asks to take command of which spell of an incident, until when.

    `link` is where they do so with one click, signed by the server that sends the notice. It is
    filled in on the way out and stands in no record: whoever reads those cannot answer for others.
    """

    incident: str
    spell: int
    person: str
    until: str
    link: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one route, of one alert or of several that belong together.

    `id` is the same however often the same thing is told: receivers may drop repetitions by it.
    """

    schema: Literal["pawl.notice/1"] = "pawl.notice/1"
    id: str
    kind: NoticeKind
    route: str
    level: Level
    at: str
    title: str
    group: Scope = ()
    alerts: tuple[Told, ...] = ()
    text: str = ""
    """What is to be kept word for word: the signed note of a checkpoint, Markdown of an update."""
    invites: Invitation | None = None
    """Only in a notice that goes to one person alone."""


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Why something happened to an alert, or why it did not: nothing is held back in silence."""

    at: str
    alert_id: str
    rule: str
    level: Level
    scope: Scope
    event: str
    """Such as `firing`, `resolved`, `silenced`, `inhibited`, `repeated`, `blind`."""
    reason: str


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that must be kept between two looks.

    `seen` is when a signature was last told of, by rule and signature, for the noise filter.
    `told` is when a notice of an id went out; both are bounded by age.
    """

    schema: Literal["pawl.alerts/1"] = "pawl.alerts/1"
    looked_at: str = ""
    alerts: tuple[Alert, ...] = ()
    seen: dict[str, str] = {}
    told: dict[str, str] = {}


def alert_id(rule: str, level: Level, scope: Scope) -> str:
    """Return the id of an alert: twenty hex digits of the digest of what tells it apart."""
    return digest(["alert", rule, level.value, [list(pair) for pair in scope]])[:20]


def notice_id(
    kind: NoticeKind,
    rule: str,
    level: Level,
    scope: Scope,
    threshold: float | None,
    period: str,
) -> str:
    """Return the id of what is told once: kind, rule, scope, threshold and period decide it."""
    whole: Mapping[str, object] = {
        "kind": kind.value,
        "rule": rule,
        "level": level.value,
        "scope": [list(pair) for pair in scope],
        "threshold": threshold,
        "period": period,
    }
    return digest(whole)[:32]
