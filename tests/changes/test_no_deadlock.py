"""What is said to be possible for people is what the gate lets them do, and the other way round."""

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import (
    NOW,
    answer,
    at,
    evidence,
    facts,
    in_state,
    manifest,
    told,
    with_gates,
)

from pawl.changes.change import Refusal, State
from pawl.changes.commands import Advance, Finish, GiveAnswer, Judge, Start, Submit
from pawl.changes.condition import Snapshot
from pawl.changes.facts import Drill
from pawl.changes.gate import evaluate
from pawl.changes.manifest import Manifest, Risk, changed, parts_digest, works_of
from pawl.changes.parts import Budget, Code, Model, Part, PolicyFile, Prompt, Tool
from pawl.changes.policy import Policy
from pawl.changes.policy_files import needs_of
from pawl.changes.rollout import StageVerdict
from pawl.changes.transitions import decide
from pawl.changes.verdict import Verdict
from pawl.governance.permissions import may, shipped_permissions
from pawl.governance.raci import Work, accountable
from pawl.governance.roster import Grant, Person, Roster
from pawl.governance.satisfiable import unsatisfiable

KINDS: dict[Work, tuple[str, Part, Part]] = {
    Work.PROMPT: ("prompt/p", Prompt(text="a"), Prompt(text="b")),
    Work.POLICY: ("policy/p", PolicyFile(digest="a"), PolicyFile(digest="b")),
    Work.ROUTING_COST: ("budget/b", Budget(micros=1, period="day"), Budget(micros=2, period="day")),
    Work.TOOLS: ("tool/t", Tool(permission="ask"), Tool(permission="allow")),
    Work.MODEL: ("model/m", Model(family="f", model="m"), Model(family="f", model="n")),
    Work.CODE: ("code/c", Code(digest="a"), Code(digest="b")),
}
ROLES = ("product-lead", "security-lead", "platform-lead")
PEOPLE = ("ada", "bob", "eve")


def plan_of(work: Work, risk: Risk) -> Manifest:
    name, before, after = KINDS[work]
    return manifest(parts={name: after}, base={name: before}, declared_risk=risk)


def roster_of(grants: set[tuple[str, str]]) -> Roster:
    return Roster(
        people=tuple(
            Person(id=each, identities=(f"github:{number}",)) for number, each in enumerate(PEOPLE)
        ),
        grants=tuple(Grant(person=who, role=role) for who, role in sorted(grants)),
    )


def snapshot_of(change: Any, moment: Any, policy: Policy, roster: Roster, now: str) -> Snapshot:
    plan = change.manifest
    kinds = {name.partition("/")[0] for name in changed(plan)}
    return Snapshot(
        moment=moment,
        now=now,
        change=change,
        policy=policy,
        roster=roster,
        facts=facts(
            plan,
            drills=tuple(Drill(id=k, component=k, at=at(-9), succeeded=True) for k in kinds),
        ),
        evidence=tuple(
            evidence(plan, kind, number=number)
            for number, kind in enumerate(("evals", "lint", "cost", "policy-checks"))
        ),
    )


def everybodys(plan: Manifest, policy: Policy) -> tuple[Any, ...]:
    """Return an approval of a change by everybody there is, its author among them."""
    return tuple(
        answer(plan, f"github:{number}", number + 1, policy_digest=policy.digest)
        for number, _ in enumerate(PEOPLE)
    )


GRANTS = st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ROLES)))


@settings(max_examples=40)
@given(GRANTS, st.integers(1, 2), st.sampled_from(sorted(KINDS)), st.integers(0, 2))
def test_a_rule_is_said_to_be_satisfiable_exactly_where_the_gate_can_be_passed(
    grants: set[tuple[str, str]], quorum: int, work: Work, author: int
) -> None:
    """With everybody's approval the gate passes, unless the check said that nobody could help.

    The check speaks of all authors; the one it names, or everybody where too few hold the role, is
    the one whose change the gate holds up.
    """
    policy = with_gates(approvals={"given": {"quorum": quorum}})
    roster = roster_of(grants)
    plan = plan_of(work, Risk.HIGH)
    change = in_state(
        State.APPROVED,
        plan,
        answers=everybodys(plan, policy),
        authors=(f"github:{author}",),
    )
    found = evaluate(snapshot_of(change, "start", policy, roster, NOW))
    passed = next(each for each in found.gates if each.gate == "approvals").verdict is Verdict.PASS
    needs = [
        each for each in needs_of(policy) if each.rule == f"approval of {work}" and not each.scope
    ]
    stuck = unsatisfiable(needs, roster, NOW)
    holders = {who for who, role in grants if role == accountable(policy.raci, work, "")}
    assert passed == (len(holders - {PEOPLE[author]}) >= quorum)
    if not stuck:
        assert passed
    if not passed:
        assert stuck


@pytest.mark.parametrize("risk", Risk)
@pytest.mark.parametrize("work", sorted(KINDS))
@pytest.mark.parametrize("author", range(2))
def test_two_of_each_role_can_bring_every_change_live(work: Work, risk: Risk, author: int) -> None:
    """Where every rule can be kept, each kind of change of each risk reaches everybody."""
    policy = with_gates()
    roster = roster_of({(who, role) for who in PEOPLE[:2] for role in ROLES})
    assert unsatisfiable(needs_of(policy), roster, NOW) == ()
    plan = plan_of(work, risk)
    change = in_state(State.DRAFT, plan, authors=(f"github:{author}",))
    other = everybodys(plan, policy)[1 - author]
    read = parts_digest(plan.parts)
    verdicts = tuple(
        StageVerdict(
            id=f"v{stage}",
            stage=stage,
            digest=change.digest,
            verdict=Verdict.PASS,
            at=at(stage + 0.9),
            events=100,
        )
        for stage in range(len(plan.rollout.stages))
    )
    base = parts_digest(plan.base)
    steps: list[tuple[Any, float]] = [
        (lambda c, now: Submit(by="github:9"), 0),
        (lambda c, now: GiveAnswer(answer=other, base_digest=base, policy_digest=policy.digest), 0),
        (lambda c, now: Judge(by="x", snapshot=snapshot_of(c, "approve", policy, roster, now)), 0),
        (lambda c, now: Start(by="x", snapshot=snapshot_of(c, "start", policy, roster, now)), 0),
        (lambda c, now: Advance(by="x", verdicts=verdicts), 1),
        (lambda c, now: Finish(by="x", verdicts=verdicts, read_back=read), 2),
    ]
    for make, hour in steps:
        found = decide(change, make(change, at(hour)), at(hour))
        assert not isinstance(found, Refusal), found
        change = told(change, *found)
    assert change.state is State.LIVE


WORKS = tuple(sorted(KINDS))
HELD = st.fixed_dictionaries({role: st.sets(st.sampled_from(PEOPLE), min_size=2) for role in ROLES})
"""Who holds which role, in teams in which most rules can be kept."""


@settings(max_examples=60)
@given(
    HELD,
    st.integers(1, 2),
    st.sampled_from(WORKS),
    st.sampled_from(sorted(Risk)),
    st.sampled_from(PEOPLE),
    st.lists(st.sampled_from(ROLES), min_size=len(Work), max_size=len(Work)),
)
def test_where_every_rule_can_be_kept_those_who_may_bring_it_live(
    held: dict[str, set[str]],
    quorum: int,
    work: Work,
    risk: Risk,
    author: str,
    answering: list[str],
) -> None:
    """Under any table of responsibilities: each step is given by somebody who may, none waits.

    Only people whom the table of permissions lets give a command give it, and the author approves
    nothing.
    """
    policy = with_gates(approvals={"given": {"quorum": quorum}})
    rows = tuple(
        msgspec.structs.replace(row, accountable=role)
        for row, role in zip(policy.raci.rows, answering, strict=False)
    )
    policy = msgspec.structs.replace(policy, raci=msgspec.structs.replace(policy.raci, rows=rows))
    roster = roster_of({(who, role) for role, people in held.items() for who in people})
    assume(not unsatisfiable(needs_of(policy), roster, NOW))
    plan = plan_of(work, risk)
    identity = f"github:{PEOPLE.index(author)}"
    change = in_state(State.DRAFT, plan, authors=(identity,))
    eligible = [
        each
        for each in PEOPLE
        if each != author and permitted("answer", each, plan, policy, roster)
    ]
    for command, hour in (_WAY[0], *(("answer", 0.0) for _ in eligible), *_WAY[1:]):
        if change.state is State.APPROVED and command in ("answer", "judge"):
            continue
        may_do = [
            each
            for each in (eligible if command == "answer" else PEOPLE)
            if command == "judge" or permitted(command, each, plan, policy, roster)
        ]
        assert may_do, f"nobody may {command}"
        doing = may_do[0]
        if command == "answer":
            eligible.remove(doing)
        step = step_of(command, change, doing, policy, roster, at(hour))
        found = decide(change, step, at(hour))
        assert not isinstance(found, Refusal), (command, found)
        change = told(change, *found)
    assert change.state is State.LIVE


_WAY: tuple[tuple[str, float], ...] = (
    ("submit", 0), ("judge", 0), ("start", 0), ("advance", 1), ("finish", 2),
)  # fmt: skip


def permitted(command: Any, person: str, plan: Manifest, policy: Policy, roster: Roster) -> bool:
    """Say whether the table of permissions lets a person give a command."""
    known = next(each for each in roster.people if each.id == person)
    return may(
        command, known, works=works_of(plan), scope="", authors=frozenset(), roster=roster,
        raci=policy.raci, now=NOW, table=shipped_permissions(),
    ).allowed  # fmt: skip


def step_of(
    command: str, change: Any, person: str, policy: Policy, roster: Roster, now: str
) -> Any:
    """Return the command of the table of transitions, as one person gives it."""
    plan = change.manifest
    identity = f"github:{PEOPLE.index(person)}"
    verdicts = tuple(
        StageVerdict(id=f"v{stage}", stage=stage, digest=change.digest, verdict=Verdict.PASS,
                     at=at(stage + 0.9), events=100)
        for stage in range(len(plan.rollout.stages))
    )  # fmt: skip
    if command == "submit":
        return Submit(by=identity)
    if command == "answer":
        said = answer(plan, identity, PEOPLE.index(person) + 1, policy_digest=policy.digest)
        return GiveAnswer(
            answer=said, base_digest=parts_digest(plan.base), policy_digest=policy.digest
        )
    if command == "judge":
        return Judge(by="pawl", snapshot=snapshot_of(change, "approve", policy, roster, now))
    if command == "start":
        return Start(by=identity, snapshot=snapshot_of(change, "start", policy, roster, now))
    if command == "advance":
        return Advance(by=identity, verdicts=verdicts)
    return Finish(by=identity, verdicts=verdicts, read_back=parts_digest(plan.parts))
