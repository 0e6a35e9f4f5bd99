"""What `pawl.toml` says about the lint."""

from typing import Literal

import msgspec

from pawl.assets.waivers import Waiver
from pawl.base.finding import Severity


class LintSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[lint]` of `pawl.toml`. `on` names opinions to ask for, `severity` replaces a rule's own.

    `fail_at` is the mildest severity of a new finding that fails the lint. `with` names other
    tools that are run as well, where they are installed; `auto` is every one that is.
    """

    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    severity: dict[str, Severity] = {}
    fail_at: Severity = Severity.HIGH
    allow: tuple[Waiver, ...] = ()
    with_tools: tuple[Literal["auto", "zizmor", "actionlint"], ...] = msgspec.field(
        default=(), name="with"
    )
