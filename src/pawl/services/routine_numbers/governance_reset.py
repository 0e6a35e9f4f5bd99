"""Governance reset: who holds which role, rules that nobody could keep, gates that never said no.

A role that one person holds is one illness away from a rule that nobody can keep.
"""

from collections import Counter

from pawl.base.errors import PawlError
from pawl.changes.policy import Policy
from pawl.changes.policy_files import needs_of
from pawl.changes.verdict import Verdict
from pawl.governance.roster import Roster, holders
from pawl.governance.satisfiable import unsatisfiable
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, part

_NO_DECISIONS = "This place keeps no changes, so no gate was asked."


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    try:
        policy, roster = look.governed.policy(), look.governed.roster()
    except PawlError as error:
        return (Part(title="Roles and rules", unknown=str(error)), _gates(look, None, window))
    return (
        part("Roles held by nobody, or by one", _ROLES, _roles(policy, roster, window.now)),
        part("Rules that cannot be kept", _RULES, _rules(policy, roster, window.now)),
        _gates(look, policy, window),
    )


def _roles(policy: Policy, roster: Roster, now: str) -> list[dict[str, str]]:
    asked = {role for need in needs_of(policy, ("",)) for role in need.roles}
    named = {row.responsible for row in policy.raci.rows}
    held = {role: holders(roster, role, "", now) for role in asked | named}
    return [
        {"role": role, "holders": str(len(people)), "person": people[0] if people else "nobody"}
        for role, people in sorted(held.items(), key=lambda each: (len(each[1]), each[0]))
        if len(people) < 2
    ]


def _rules(policy: Policy, roster: Roster, now: str) -> list[dict[str, str]]:
    scopes = tuple(sorted({"", *(grant.scope for grant in roster.grants)}))
    return [
        {"severity": each.severity.value, "what": each.message, "hint": each.hint}
        for each in unsatisfiable(needs_of(policy, scopes), roster, now)
    ]


def _gates(look: Looks, policy: Policy | None, window: Window) -> Part:
    title = "Gates that never said no"
    decisions = look.decisions()
    if decisions is None or policy is None:
        return Part(title=title, unknown=_NO_DECISIONS if decisions is None else "No policy reads.")
    asked: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for decision in decisions:
        if window.since <= decision.at < window.until:
            told = [each for each in decision.gates if each.verdict is not Verdict.NOT_APPLICABLE]
            asked.update(each.gate for each in told)
            refused.update(each.gate for each in told if each.verdict is Verdict.FAIL)
    rows = (
        {"gate": gate.id, "mode": gate.mode.value, "asked": str(asked[gate.id])}
        for gate in policy.gates.gates
        if not refused[gate.id]
    )
    return part(title, _GATES, rows)


_ROLES = {"role": "Role", "holders": "Holders", "person": "Who"}
_RULES = {"severity": "", "what": "Rule", "hint": "What to do"}
_GATES = {"gate": "Gate", "mode": "Mode", "asked": "Times asked"}
NUMBERS = RoutineNumbers(parts=_parts)
