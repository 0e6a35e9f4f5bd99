"""What the lint tells of the files that steer agents, and what these files allow and run."""

from collections.abc import Iterable
from typing import Literal

import msgspec

State = Literal["new", "known", "waived"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of the lint. `state` says whether a baseline knew it or a waiver allows it."""

    rule: str
    severity: str
    path: str
    line: int | None
    message: str
    state: State = "new"
    reason: str = ""


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """One permission rule; a `mode` is what becomes of calls that no rule names.

    `wide` says why it is too wide, None when it is narrow. `unbound`: with it any program runs.
    `secret`: it names a place where secrets are.
    """

    says: Literal["allow", "ask", "deny", "mode"]
    text: str
    path: str
    line: int | None
    wide: str | None = None
    unbound: bool = False
    secret: bool = False


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """One hook that stands before what it could refuse.

    `hollow` says why it refuses nothing, None when it might.
    """

    event: str
    path: str
    line: int | None
    hollow: str | None = None


class ToolServer(msgspec.Struct, frozen=True, kw_only=True):
    """One server of tools. `unpinned` says why nothing pins it, None when something does."""

    name: str
    path: str
    line: int | None
    unpinned: str | None = None


class SteeringPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page that tells an agent what to do. `kind` is `skill`, `agent` or `command`."""

    kind: str
    path: str
    name: str
    description: str = ""


class Steering(msgspec.Struct, frozen=True, kw_only=True):
    """What a survey of the files that steer agents came to.

    `looked_at` counts them by kind, `unread` are those that could not be read, `failed` rules of
    the lint that failed, with what they said. `more` counts findings beyond those told of, by
    rule. `settings` are the files with rules, modes or hooks; of those in `broken` no product
    reads anything.
    """

    findings: tuple[Finding, ...] = ()
    looked_at: dict[str, int] = {}
    unread: tuple[str, ...] = ()
    failed: dict[str, str] = {}
    more: dict[str, int] = {}
    permissions: tuple[Permission, ...] = ()
    guards: tuple[Guard, ...] = ()
    servers: tuple[ToolServer, ...] = ()
    pages: tuple[SteeringPage, ...] = ()
    settings: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def of(self, rules: Iterable[str]) -> tuple[Finding, ...]:
        """Return the findings of some rules, the worst first, whatever allows them."""
        wanted = frozenset(rules)
        return tuple(each for each in self.findings if each.rule in wanted)
