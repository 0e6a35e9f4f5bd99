"""What `pawl.toml` says about alerts: `[alerts]`, as it is written.

What the numbers of a rule mean, and whether a rule of that name exists, is looked at where the
rules are.
"""

from typing import Any, Literal

import msgspec

Names = dict[str, str]


class RouteSettings(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"continue_": "continue"},
):
    """`[[alerts.routes]]`: which notices go to a channel. Patterns are shell globs.

    The first route that matches takes the notice, and those after it too when it says
    `continue = true`. `group_by` names the parts of a scope that belong together.
    """

    to: tuple[str, ...]
    rules: tuple[str, ...] = ("*",)
    levels: tuple[Literal["warning", "critical"], ...] = ("warning", "critical")
    scope: Names = {}
    continue_: bool = False
    group_by: tuple[str, ...] = ("project",)
    resolved: bool = True
    """Whether endings are told too."""
    declare: Literal[1, 2, 3, 4] | None = None
    """The severity of the incident that a firing alert declares, 1 the worst."""


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[alerts.channels.NAME]`: where notices go. Secrets are named, never written here.

    `secret` and `password` name environment variables. `url` may be one too: `env:NAME`.
    """

    kind: Literal["webhook", "slack", "email", "apprise"]
    url: str | None = None
    secret: str | None = None
    password: str | None = None
    to: tuple[str, ...] = ()
    sender: str | None = None


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[alerts]`: rules that are off, numbers that differ from ours, routes and channels.

    `rules` holds numbers by rule, such as `rules.cost-over-threshold = {usd_per_day = 50}`;
    durations may be text such as "10m". `objectives` lists files of service level objectives,
    and `quiet_for` is how long a signature told of lately stays quiet (the noise filter).
    """

    off: tuple[str, ...] = ()
    rules: dict[str, dict[str, Any]] = {}
    routes: tuple[RouteSettings, ...] = ()
    channels: dict[str, ChannelSettings] = {}
    budgets: tuple[str, ...] | None = None
    """Channels that are told of shares of budgets; without it the routes say, as rule `budget`."""
    objectives: tuple[str, ...] = ()
    quiet_for: str | None = None
    noise_filter: tuple[str, ...] = ()
    """Rules whose notices pass only with a signature not told of within `quiet_for`."""
