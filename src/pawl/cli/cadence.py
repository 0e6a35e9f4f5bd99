"""`pawl cadence`: recurring duties: what is due, what was done, how well it is kept."""

from __future__ import annotations

import click

from pawl.cli.lazy_verbs import LazyVerbs

_VERBS = {
    "due": ("cadence_reading", "due", "What is due or overdue, and what comes next."),
    "show": ("cadence_reading", "show", "One routine with its numbers already filled in."),
    "done": ("cadence_steps", "done", "Call a routine done, with what it leaves behind."),
    "excuse": ("cadence_steps", "excuse", "Excuse an occurrence, with a reason."),
    "ics": ("cadence_reading", "ics", "Print the cadence as a calendar file."),
    "adherence": ("cadence_reading", "adherence", "How much of what came due was done."),
}
"""Verb → (module in pawl.cli, its click command, summary)."""


@click.command(cls=LazyVerbs, verbs=_VERBS)
def command() -> None:
    """Recurring duties: what is due, what was done of it, and how well the rhythm is kept.

    Routines stand in `.pawl/cadence.yaml` or `.pawl/cadence.json` of the protected branch; without
    a file they are the eleven that come with Pawl. Exit status: 0 done, nothing overdue; 1 refused,
    or something is overdue; 2 asked wrongly; 3 it cannot be told.
    """
