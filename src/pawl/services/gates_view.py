"""The gates in force: what each asks, since when it says no how often, and who can satisfy it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pawl.changes.condition import Condition
from pawl.changes.gate import Decision, GateResult, Requirement
from pawl.changes.gate_file import Gate, Mode
from pawl.changes.policy import Policy
from pawl.changes.verdict import Verdict
from pawl.governance.raci import Work, accountable, excepting_roles, row_of
from pawl.governance.roster import Roster, holders

LAST = 200
"""Newest decisions that are counted."""


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role with the people who hold it today, and for what it is asked."""

    name: str
    people: tuple[str, ...]
    about: str = ""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How often a gate said what, of decisions in which it applied.

    `blocked` is a no, `unsure` could not tell or was broken; `excepted` was set aside.
    """

    asked: int = 0
    passed: int = 0
    blocked: int = 0
    unsure: int = 0
    excepted: int = 0


class GateLine(msgspec.Struct, frozen=True, kw_only=True):
    """One gate with its tally. `satisfied_by` are roles; without them `satisfied` says how."""

    gate: Gate
    claim: str
    tally: Tally
    satisfied: str
    satisfied_by: tuple[Role, ...] = ()
    excepted_by: tuple[Role, ...] = ()


class GatesView(msgspec.Struct, frozen=True, kw_only=True):
    """The policy in force. `notes` tell where a narrower file tried to loosen a wider one."""

    digest: str
    version: str
    as_of: str
    lines: tuple[GateLine, ...]
    notes: tuple[str, ...]
    decisions: int

    @property
    def nobody(self) -> tuple[Role, ...]:
        """Roles that gates ask for and nobody holds."""
        asked = {role.name: role for line in self.lines for role in line.satisfied_by}
        return tuple(role for role in asked.values() if not role.people)


def gates_view(
    policy: Policy,
    notes: Sequence[str],
    decisions: Iterable[Decision],
    roster: Roster,
    conditions: Mapping[str, Condition],
    now: str,
) -> GatesView:
    """Return the gates of a policy, counted over decisions; the newest `LAST` are given."""
    taken = list(decisions)
    results: dict[str, list[GateResult]] = {}
    for decision in taken:
        for each in decision.gates:
            results.setdefault(each.gate, []).append(each)
    return GatesView(
        digest=policy.digest,
        version=policy.gates.version,
        as_of=policy.gates.as_of,
        lines=tuple(
            _line(gate, results.get(gate.id, []), policy, roster, conditions, now)
            for gate in policy.gates.gates
        ),
        notes=tuple(notes),
        decisions=len(taken),
    )


def tally(results: Iterable[GateResult]) -> Tally:
    """Return how often a gate said what; that it did not apply counts nowhere."""
    counts: Counter[str] = Counter(_said(each) for each in results)
    counts.pop("", None)
    return Tally(asked=sum(counts.values()), **counts)


def _said(result: GateResult) -> str:
    match result.requirement:
        case Requirement.NOT_APPLICABLE:
            return ""
        case Requirement.SATISFIED:
            return "passed"
        case Requirement.OVERRIDDEN:
            return "excepted"
    return "blocked" if result.verdict is Verdict.FAIL else "unsure"


def _line(
    gate: Gate,
    results: list[GateResult],
    policy: Policy,
    roster: Roster,
    conditions: Mapping[str, Condition],
    now: str,
) -> GateLine:
    condition = conditions.get(gate.condition)
    roles = _asked(gate, policy)
    excepting = excepting_roles(policy.raci, gate.domain) if gate.exceptable else ()
    return GateLine(
        gate=gate,
        claim=condition.claim if condition else f"No condition is called {gate.condition}",
        tally=tally(results),
        satisfied=_how(gate, condition, bool(roles)),
        satisfied_by=tuple(
            Role(name=name, people=holders(roster, name, "", now), about=", ".join(works))
            for name, works in roles.items()
        ),
        excepted_by=tuple(
            Role(name=name, people=holders(roster, name, "", now)) for name in excepting if name
        ),
    )


def _asked(gate: Gate, policy: Policy) -> dict[str, list[str]]:
    """Return the roles whose word a gate asks for, each with the works it is about."""
    found: dict[str, list[str]] = {}
    for work in Work:
        if work is Work.INCIDENT or (gate.applies.works and work not in gate.applies.works):
            continue
        row = row_of(policy.raci, work, "")
        if gate.condition == "approvals-are-given":
            roles: tuple[str, ...] = (accountable(policy.raci, work, ""),)
        elif gate.condition == "consulted-were-heard":
            roles = row.consulted if row else ()
        else:
            return {}
        for role in roles:
            found.setdefault(role, []).append(work)
    return found


def _how(gate: Gate, condition: Condition | None, by_roles: bool) -> str:
    if by_roles:
        quorum = gate.given.get("quorum", 1)
        many = f" {quorum} people of it each." if quorum != 1 else ""
        return f"People who hold the role and wrote none of it.{many}"
    if gate.condition == "owner-attests":
        return "A human who says that exactly this content is theirs; the author may."
    if condition is not None and condition.evidence:
        whose = ", ".join(gate.producers) or "any producer"
        least = f", on {gate.min_events:,} events at least" if gate.min_events else ""
        age = f", not older than {gate.max_age}" if gate.max_age else ""
        return f"Evidence of {condition.evidence} from {whose}{age}{least}."
    return "Nobody's word: it follows from the change and what is known of the world."


def is_dry(gate: Gate) -> bool:
    """Say whether a gate only says what it would have decided."""
    return gate.mode is Mode.DRY_RUN
