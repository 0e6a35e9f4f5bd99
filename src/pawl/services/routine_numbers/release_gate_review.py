"""Release gate review: what gates blocked, every exception and its end, releases without a yes."""

from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Status
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, number, part, share, short

NONE_HERE = "This place keeps no changes: no repository was named."
_LIVE = (Status.ACTIVE, Status.REQUESTED)


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    decisions = look.decisions()
    if look.changes is None or decisions is None:
        return (Part(title="Gates", unknown=NONE_HERE),)
    blocked = [
        each for each in decisions if not each.allowed and window.since <= each.at < window.until
    ]
    rows = (
        {
            "at": short(each.at),
            "change": each.change,
            "moment": each.moment,
            "gate": gate.gate,
            "verdict": gate.verdict.value,
            "reason": gate.reason,
        }
        for each in blocked
        for gate in each.gates
        if gate.verdict is not Verdict.PASS
        and gate.verdict is not Verdict.NOT_APPLICABLE
        and not gate.exception
    )
    given = (
        {
            "id": each.exception.id,
            "rule": each.exception.rule,
            "owner": each.exception.owner,
            "by": each.exception.approved_by or "nobody yet",
            "ends": short(each.exception.expires_at),
            "status": each.standing.status.value if each.standing else "no such gate any more",
        }
        for each in look.changes.exceptions()
        if (each.standing is not None and each.standing.status in _LIVE)
        or window.since <= each.exception.requested_at < window.until
    )
    told = look.changes.figures(window.since, window.until)
    return (
        part("Blocked by gates", _BLOCKED, rows),
        part("Exceptions", _EXCEPTIONS, given),
        part(
            "Releases", {}, (),
            figures=(
                number("Releases", told.releases),
                number("Around everything", told.unmanaged),
                share("Without approval", told.missing_approvals),
                share("Gate coverage", told.gate_coverage),
                share("Change failure rate", told.change_failures),
            ),
        ),
    )  # fmt: skip


_BLOCKED = {
    "at": "When", "change": "Change", "moment": "Step", "gate": "Gate", "verdict": "Said",
    "reason": "Why",
}  # fmt: skip
_EXCEPTIONS = {
    "id": "Exception", "rule": "Gate", "owner": "Owner", "by": "Given by", "ends": "Ends",
    "status": "Now",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
