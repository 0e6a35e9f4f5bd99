"""Release gate review: what gates blocked, every exception and its end, releases without a yes.

A place that keeps no changes says so.
"""

from collections import Counter
from collections.abc import Iterable

from pawl.changes.gate import Decision
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Status
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, number, part, share, short

NONE_HERE = "This place keeps no changes: no repository was named."
_FINE = (Verdict.PASS, Verdict.NOT_APPLICABLE)
_LIVE = (Status.ACTIVE, Status.REQUESTED)


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    decisions = look.decisions()
    if look.changes is None or decisions is None:
        return (Part(title="Gates", unknown=NONE_HERE),)
    blocked = [
        each for each in decisions if not each.allowed and window.since <= each.at < window.until
    ]
    rows = _blocked(blocked)
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


def _blocked(decisions: Iterable[Decision]) -> list[dict[str, str]]:
    """Return what gates held up, each gate of a change once, as it was last seen."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    times: Counter[tuple[str, str]] = Counter()
    for each in sorted(decisions, key=lambda decision: decision.at, reverse=True):
        for gate in each.gates:
            if gate.verdict in _FINE or gate.exception:
                continue
            key = (each.change, gate.gate)
            times[key] += 1
            found.setdefault(
                key,
                {
                    "at": short(each.at),
                    "change": each.change,
                    "gate": gate.gate,
                    "verdict": gate.verdict.value,
                    "reason": gate.reason,
                },
            )
    return [{**row, "times": str(times[key])} for key, row in found.items()]


_BLOCKED = {
    "at": "Last", "change": "Change", "gate": "Gate", "verdict": "Said", "times": "Times",
    "reason": "Why",
}  # fmt: skip
_EXCEPTIONS = {
    "id": "Exception", "rule": "Gate", "owner": "Owner", "by": "Given by", "ends": "Ends",
    "status": "Now",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
