"""`pawl action`: owned, dated pieces of work that incidents left behind."""

from __future__ import annotations

import click

from pawl.cli.lazy_verbs import LazyVerbs

_VERBS = {
    "list": ("action_verbs", "list_", "List actions, due first."),
    "show": ("action_verbs", "show", "Show an action."),
    "open": ("action_verbs", "open_", "Open an action of an incident."),
    "begin": ("action_verbs", "begin", "Work on it."),
    "done": ("action_verbs", "done", "Say that it is done."),
    "send-back": ("action_verbs", "send_back", "Say what is still to do."),
    "verify": ("action_verbs", "verify", "Say that it is done, having looked at evidence."),
    "drop": ("action_verbs", "drop", "Say that it will not be done."),
    "move": ("action_verbs", "move", "Give it another owner or date."),
}
"""Verb → (module in pawl.cli, its click command, summary)."""


@click.command(cls=LazyVerbs, verbs=_VERBS)
def command() -> None:
    """Actions that incidents left behind: open, do, verify.

    Whoever says that one is done has claimed it; it is done when somebody else has looked at
    evidence. Until then it holds releases of its component up. Exit status: 0 done, 1 refused with
    every reason, 2 asked wrongly, 3 it cannot be told.
    """
