"""`pawl change`: what alters how agents behave, from a draft until it is live, and back."""

from __future__ import annotations

import click

from pawl.cli.lazy_verbs import LazyVerbs

_VERBS = {
    "new": ("change_content", "new", "Open a change from what two commits differ in."),
    "edit": (
        "change_content",
        "edit",
        "Give a change other content; its approvals are stale then.",
    ),
    "show": ("change_show", "show", "Show a change, or what a component is now with --live."),
    "list": ("change_show", "list_", "List changes, last changed first."),
    "submit": ("change_steps", "submit", "Ask for a review of exactly this content."),
    "approve": ("change_approving", "approve", "Say yes to exactly this content, base and policy."),
    "reject": ("change_steps", "reject", "End a change in review with a no."),
    "withdraw": ("change_steps", "withdraw", "Take a change back before it is out."),
    "start": ("change_steps", "start", "Start the first stage, if the gates say so now."),
    "advance": ("change_steps", "advance", "Go on to the next stage, if this one has passed."),
    "finish": ("change_steps", "finish", "Call a change live, if what runs is what was approved."),
    "rollback": ("change_steps", "rollback", "Go back; no gate is asked."),
    "confirm": ("change_steps", "confirm", "Call a change rolled back, if what was before runs."),
    "attest": ("change_steps", "attest", "Say that you own this content, whoever typed it."),
    "drill": ("change_steps", "drill", "Record that going back was tried on a component."),
    "evidence": ("change_evidence", "evidence", "Add evidence about a change, or list it."),
    "tick": ("change_tick", "tick", "Let time do what is due."),
    "figures": ("change_figures", "figures", "Figures of the changes in a window."),
}
"""Verb → (module in pawl.cli, its click command, summary)."""


@click.command(cls=LazyVerbs, verbs=_VERBS)
def command() -> None:
    """Changes of prompts, policy, tools, models and code: open, approve, roll out, go back.

    new, submit, approve, start, advance, finish: in this order. Whoever only has a name in git
    opens, edits and submits; an approval is signed with an SSH key or given in a session of a
    server (PAWL_SERVER, PAWL_TOKEN). Exit status: 0 done, 1 refused with every reason, 2 asked
    wrongly, 3 it cannot be told.
    """
