"""Policy audit: the pass rate, every change of policy, and every permission that was widened.

A place that keeps no changes says so.
"""

from pawl.changes.change import Change
from pawl.changes.manifest import changed, works_of
from pawl.governance.raci import Work
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, part, share, short

NONE_HERE = "This place keeps no changes: no repository was named."
WIDER = "tool-may-do-more"
"""The rule of risk that sees a tool which may do more than before."""


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    moved, decisions = look.changed(), look.decisions()
    if look.changes is None or moved is None or decisions is None:
        return (Part(title="Policy", unknown=NONE_HERE),)
    told = look.changes.figures(window.since, window.until)
    recent = [each for each in moved if window.since <= each.changed_at < window.until]
    wider = {
        each.change
        for each in decisions
        if each.at < window.until and any(hit.rule == WIDER for hit in each.risk.hits)
    }
    return (
        part(
            "Audit", {}, (),
            figures=(
                share("Policy audit pass rate", told.policy_audit),
                share("Ratified late", told.ratified_late),
                share("Without approval", told.missing_approvals),
            ),
        ),
        part(
            "Changes of policy", _COLUMNS,
            (_row(each) for each in recent if Work.POLICY in works_of(each.manifest)),
        ),
        part(
            "Permissions that were widened", _COLUMNS,
            (_row(each) for each in recent if each.id in wider),
        ),
    )  # fmt: skip


def _row(change: Change) -> dict[str, str]:
    return {
        "change": change.id,
        "title": change.manifest.title,
        "state": change.state.value,
        "what": ", ".join(changed(change.manifest)[:5]),
        "approvers": ", ".join(change.approved_by) or "nobody",
        "moved": short(change.changed_at),
    }


_COLUMNS = {
    "change": "Change", "title": "Title", "state": "State", "what": "Parts",
    "approvers": "Approved by", "moved": "Last moved",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
