"""What reading the reviews of a pull request came to, for people and for programs."""

from typing import Literal

import msgspec

from pawl.changes.change import Refusal
from pawl.changes.reviews import LeftOut
from pawl.render.escaping import plain
from pawl.services.approvals import Brought


class BroughtTold(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded, taken back, refused and left out."""

    schema: Literal["pawl.reviews/1"] = "pawl.reviews/1"
    change: str
    state: str
    recorded: int
    taken_back: int
    refused: dict[str, Refusal]
    left_out: tuple[LeftOut, ...]


def brought_json(brought: Brought) -> str:
    """Return one pawl.reviews/1 object."""
    told = BroughtTold(
        change=brought.change.id,
        state=brought.change.state.value,
        recorded=brought.recorded,
        taken_back=brought.taken_back,
        refused=dict(brought.refused),
        left_out=brought.left_out,
    )
    return msgspec.json.encode(told).decode()


def brought_text(brought: Brought) -> str:
    """Return what was recorded in a line, and why each other review does not count."""
    change = brought.change
    lines = [
        f"{change.id} is {change.state}: {brought.recorded} recorded, "
        f"{brought.taken_back} taken back"
    ]
    for left in brought.left_out:
        lines.append(f"  {left.ref} of {left.identity or 'nobody'} does not count: {left.reason}")
    for ref, refusal in brought.refused:
        lines.append(f"  {ref} was refused: {' '.join(refusal.reasons)} {refusal.hint}".rstrip())
    return "".join(f"{plain(line)}\n" for line in lines)
