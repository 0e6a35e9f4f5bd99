"""Put a policy together from a repository's files: what is not there is as it comes with Pawl.

`.pawl/gates.yaml` stands on the gates that are firm; `.pawl/gates/<scope>.yaml` of each scope on
the way down to the change's stands on all above it. Whatever would loosen a wider rule is left as
it was and told. The texts are those of the change's base.
"""

from collections.abc import Mapping

import msgspec

from pawl.base import typed
from pawl.base.errors import BadFile
from pawl.changes.condition import Condition
from pawl.changes.gate import directions, shipped_conditions
from pawl.changes.gate_file import GateFile, Mode, Tightened, firm_gates, load_gates, tightened
from pawl.changes.manifest import Risk
from pawl.changes.policy import Policy, shipped_policy
from pawl.changes.risk import load_rules
from pawl.changes.terms import load_terms
from pawl.governance.exceptions import load_limits
from pawl.governance.raci import Work, accountable, excepting_roles, load_raci, row_of
from pawl.governance.satisfiable import Need

RACI, GATES, RISK = "raci.yaml", "gates.yaml", "risk.yaml"
LIMITS, TERMS = "exceptions.yaml", "change-terms.yaml"


class PolicyRead(msgspec.Struct, frozen=True, kw_only=True):
    """A policy, and where files of narrower scopes tried to loosen it."""

    policy: Policy
    notes: tuple[str, ...] = ()


def read_policy(texts: Mapping[str, str], scope: str = "") -> PolicyRead:
    """Return the policy of a scope from the texts below `.pawl/`, by their names there.

    Raises BadFile for any that does not read: a policy that nobody can read allows nothing.
    """
    ours = shipped_policy()
    notes: list[str] = []
    gates = ours.gates
    if GATES in texts:
        found = _put_on(firm_gates(), texts, GATES)
        gates, notes = found.gates, [*found.notes]
    for outer in _scopes(scope):
        name = f"gates/{outer}.yaml"
        if name in texts:
            found = _put_on(gates, texts, name)
            gates, notes = found.gates, [*notes, *(f"{outer}: {note}" for note in found.notes)]
    policy = Policy(
        raci=load_raci(texts[RACI], place=_place(RACI)) if RACI in texts else ours.raci,
        gates=gates,
        risk=load_rules(texts[RISK], place=_place(RISK)) if RISK in texts else ours.risk,
        limits=load_limits(texts[LIMITS], place=_place(LIMITS)) if LIMITS in texts else ours.limits,
        terms=load_terms(texts[TERMS], place=_place(TERMS)) if TERMS in texts else ours.terms,
    )
    return PolicyRead(policy=policy, notes=tuple(notes))


def check_gates(gates: GateFile, conditions: Mapping[str, Condition], *, place: str) -> GateFile:
    """Return the gates; raises BadFile for one whose condition or arguments nobody knows."""
    for gate in gates.gates:
        where = f"{place}: gates.{gate.id}"
        condition = conditions.get(gate.condition)
        if condition is None:
            raise BadFile(
                f"no condition is called {gate.condition!r}.",
                place=where,
                hint=f"There are: {', '.join(sorted(conditions))}.",
            )
        try:
            typed.convert(gate.given, condition.arguments)
        except msgspec.ValidationError as error:
            names = ", ".join(condition.arguments.__struct_fields__) or "none"
            raise BadFile(
                f"{error}.", place=f"{where}.with", hint=f"Its arguments are: {names}."
            ) from error
    return gates


def needs_of(policy: Policy, scopes: tuple[str, ...] = ("",)) -> tuple[Need, ...]:
    """Return what a policy asks of people, for `unsatisfiable` to try on everybody.

    For each work and scope its accountable role, as often as approvals are asked for, and each role
    that must be heard; for each domain those who may except its gates.
    """
    quorum = quorum_of(policy)
    must_hear = any(
        gate.condition == "consulted-were-heard" and gate.mode is Mode.ENFORCE
        for gate in policy.gates.gates
    )
    needs: dict[Need, None] = {}
    for scope in sorted({"", *scopes, *(row.scope for row in policy.raci.rows)}):
        for work in Work:
            if work is not Work.INCIDENT:
                role = accountable(policy.raci, work, scope)
                rule = f"approval of {work}"
                needs[Need(rule=rule, roles=(role,), scope=scope, quorum=quorum)] = None
                row = row_of(policy.raci, work, scope) if must_hear else None
                for each in row.consulted if row else ():
                    needs[Need(rule=f"hearing on {work}", roles=(each,), scope=scope)] = None
        for domain in sorted({gate.domain for gate in policy.gates.gates if gate.exceptable}):
            roles = excepting_roles(policy.raci, domain)
            needs[Need(rule=f"exception to {domain}", roles=roles, scope=scope)] = None
    return tuple(needs)


def quorum_of(policy: Policy) -> int:
    """Return how many approvals a change of high risk needs of each accountable role."""
    quorums = [
        int(gate.given.get("quorum", 1))
        for gate in policy.gates.gates
        if gate.condition == "approvals-are-given"
        and (not gate.applies.risk or Risk.HIGH in gate.applies.risk)
    ]
    return max([1, *quorums])


def _put_on(wider: GateFile, texts: Mapping[str, str], name: str) -> Tightened:
    conditions = shipped_conditions()
    own = check_gates(load_gates(texts[name], place=_place(name)), conditions, place=_place(name))
    return tightened(wider, own, directions(conditions))


def _scopes(scope: str) -> list[str]:
    parts = scope.split("/") if scope else []
    return ["/".join(parts[: length + 1]) for length in range(len(parts))]


def _place(name: str) -> str:
    return f".pawl/{name}"
