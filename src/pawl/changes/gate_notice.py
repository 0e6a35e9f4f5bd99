"""What a code host is told of a gate's decision.

Only a plain yes is told as a success. What cannot be told is told apart from a no, and holds a
required check up as a no does; "neutral" would let it through.
"""

from typing import Literal

import msgspec

from pawl.changes.gate import Decision

NAME = "pawl / gate"
MAX_SUMMARY = 60_000
"""Characters; GitHub takes 65,535."""
MAX_TITLE = 250
"""Characters; GitLab takes 255."""

Outcome = Literal["yes", "no", "cannot-tell"]
_OUTCOMES: dict[int, Outcome] = {0: "yes", 1: "no"}
_WORDS = {"yes": "allowed", "no": "blocked", "cannot-tell": "cannot be decided"}


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it is told. `external_id` names what was decided on, whatever the outcome."""

    external_id: str
    outcome: Outcome
    title: str
    summary: str


def notice_of(decision: Decision, summary: str) -> Notice:
    """Return what to tell of a decision; `summary` is Markdown, escaped by whoever made it."""
    outcome = _OUTCOMES.get(decision.status, "cannot-tell")
    held = ", ".join(each.gate for each in decision.against)
    to = "be approved" if decision.moment == "approve" else "start"
    title = f"{decision.change} {decision.digest[:12]}: to {to} is {_WORDS[outcome]}"
    if held:
        title = f"{title}: {held}"
    if len(summary) > MAX_SUMMARY:
        summary = f"{summary[:MAX_SUMMARY]}\n\nIt goes on; `pawl gate check` shows all of it."
    return Notice(
        external_id=f"pawl:{decision.change}:{decision.digest}:{decision.moment}",
        outcome=outcome,
        title=title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…",
        summary=summary,
    )
