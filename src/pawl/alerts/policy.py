"""What notices go where, and which are held back: everything `advance` is held to besides readings.

A policy is a value: the same alerts, readings, instant and policy give the same notices.
"""

import msgspec

from pawl.alerts.alert import Silence
from pawl.alerts.reading import Level

DAY_S = 86_400.0


class RulePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How the alerts of one rule live; see `Thresholds` for `for_s` and `period_s`."""

    for_s: float = 0.0
    period_s: float = DAY_S
    response: str = ""
    noise_filter: bool = False
    """Whether its notices pass only with a signature not told of within `quiet_s`."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices go to which channels. Patterns are shell globs; see `RouteSettings`."""

    to: tuple[str, ...]
    rules: tuple[str, ...] = ("*",)
    levels: tuple[Level, ...] = (Level.WARNING, Level.CRITICAL)
    scope: dict[str, str] = {}
    go_on: bool = False
    group_by: tuple[str, ...] = ("project",)
    resolved: bool = True
    declare: int | None = None
    """How severe an incident what it takes declares; None declares none."""


class Inhibition(msgspec.Struct, frozen=True, kw_only=True):
    """While `source` fires, notices of `target` are held back where these scope parts are equal.

    Rules are shell globs. `same_rule` asks that both are of one rule; levels may be left open. A
    part that one of them lacks is not equal.
    """

    source: str
    target: str
    equal: tuple[str, ...] = ()
    source_level: Level | None = None
    target_level: Level | None = None
    same_rule: bool = False
    same_scope: bool = False
    why: str = ""


INHIBITIONS = (
    Inhibition(
        source="*",
        target="*",
        source_level=Level.CRITICAL,
        target_level=Level.WARNING,
        same_rule=True,
        same_scope=True,
        why="the same rule is critical there",
    ),
    Inhibition(
        source="run-stopped",
        target="stuck-loop",
        equal=("run",),
        why="the run was stopped already",
    ),
)
"""Those that always hold; a policy may add others."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides about notices. Without routes, notices go to the route `default`."""

    rules: dict[str, RulePolicy] = {}
    routes: tuple[Route, ...] = (Route(to=("default",)),)
    silences: tuple[Silence, ...] = ()
    inhibitions: tuple[Inhibition, ...] = INHIBITIONS
    quiet_s: float = 7 * DAY_S
    keep_resolved_s: float = 7 * DAY_S
    alerts_max: int = 10_000
    """Alerts kept; beyond it those that ended longest ago go first, then the longest blind."""
