"""Actions for a terminal: whose, until when, and what to do next."""

from collections.abc import Sequence

from pawl.incidents.action import DONE, Action, State, is_overdue
from pawl.render.escaping import cut, plain, wrapped
from pawl.render.table import aligned, printable

_NEXT = {
    State.OPEN: "pawl action begin {id}, then pawl action done {id}",
    State.IN_PROGRESS: "pawl action done {id}",
    State.CLAIMED: "somebody else: pawl action verify {id} --place WHERE --digest DIGEST",
}
"""What to do next in a state."""


def action_text(action: Action, now: str) -> str:
    """Return an action after a command, with what to do next."""
    late = " OVERDUE" if is_overdue(action, now) else ""
    lines = [f"{action.id} {action.state}{late}", f"  {_short(action.title)}"]
    lines.append(f"  {action.work} of {_short(action.incident)}, SEV{action.severity}")
    moved = "" if action.due_at == action.first_due_at else f" (first {action.first_due_at[:10]})"
    lines.append(f"  owner: {_short(action.owner)}, due {action.due_at[:10]}{moved}")
    if action.component:
        holds = "holds its releases up" if action.blocker and action.state not in DONE else ""
        lines.append(f"  component: {_short(action.component)}{f', {holds}' if holds else ''}")
    if action.claimed_by:
        lines.append(f"  claimed done by {_short(action.claimed_by)}")
    if action.proof is not None:
        lines.append(
            f"  verified by {_short(action.verified_by)} at {_short(action.proof.place)}, "
            f"{_short(action.proof.digest)[:16]}"
        )
        if action.proof.checked:
            lines.append(f"  checked: {', '.join(map(_short, action.proof.checked))}")
        if action.proof.declared:
            lines.append(f"  declared, not checked: {', '.join(action.proof.declared)}")
    if action.why:
        lines += wrapped(f"why not: {_short(action.why)}", 2, 4)
    after = _NEXT.get(action.state)
    if after:
        lines.append(f"next: {after.format(id=action.id)}")
    return "".join(f"{line}\n" for line in lines)


def actions_text(actions: Sequence[Action], now: str) -> str:
    """Return actions as a table, and which of them is the most pressing."""
    if not actions:
        return "No actions.\n"
    body = [
        (
            each.id,
            f"{each.state.value}{' OVERDUE' if is_overdue(each, now) else ''}",
            each.due_at[:10],
            printable(each.owner),
            printable(each.component or "-"),
            printable(each.title),
        )
        for each in actions
    ]
    table = aligned(("action", "state", "due", "owner", "component", "title"), body, left=6)
    left = [each for each in actions if each.state not in DONE]
    late = sum(is_overdue(each, now) for each in left)
    lines = [f"{len(actions)} shown, {len(left)} to do, {late} overdue"]
    if left:
        first = min(left, key=lambda each: (each.due_at, each.id))
        lines.append(f"next: {_NEXT[first.state].format(id=first.id)}")
    return table + "".join(f"{line}\n" for line in lines)


def _short(text: str) -> str:
    return cut(plain(text), 300)
