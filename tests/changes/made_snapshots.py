"""Snapshots drawn by chance: answers, evidence, facts and exceptions of every kind."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from tests.changes.made_changes import (
    NOW,
    POLICY,
    answer,
    at,
    evidence,
    facts,
    in_state,
    manifest,
    snapshot,
)

from pawl.changes.approval import Said, Source
from pawl.changes.change import State
from pawl.changes.condition import Snapshot
from pawl.changes.evidence import Evidence
from pawl.changes.facts import BudgetLeft, Drill, OpenAction
from pawl.changes.manifest import Risk, manifest_digest
from pawl.changes.quarantine import quarantine_keys
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import GateException
from pawl.governance.raci import Work

HOURS = st.sampled_from([-400, -100, -30, -3, -1, -0.2, 0, 2])
PLANS = st.sampled_from(
    [manifest(), manifest(declared_risk=Risk.LOW), manifest(closes=("act-1",), assisted=True)]
)
OVERDUE = OpenAction(
    id="act-1", component="prompt/support", incident="inc-1", due_at=NOW, owner="ann"
)
GATES = [gate.id for gate in POLICY.gates.gates]


@st.composite
def pieces(draw: st.DrawFn, plan: Any, number: int) -> Evidence:
    """Draw a piece of evidence that may be stale, old, damaged or of too little data."""
    made = evidence(
        plan,
        draw(st.sampled_from(["evals", "lint", "cost"])),
        draw(st.sampled_from(Verdict)),
        number,
        produced_at=at(draw(HOURS)),
        recorded_at=at(draw(HOURS)),
        events=draw(st.sampled_from([None, 0, 100])),
    )
    if draw(st.integers(0, 5)) == 0:
        made = msgspec.structs.replace(made, digest="e" * 64)
    if draw(st.integers(0, 5)) == 0:
        made = msgspec.structs.replace(made, payload={"share": 9.0})
    return made


@st.composite
def exceptions(draw: st.DrawFn, plan: Any, number: int) -> GateException:
    """Draw an exception that may be expired, used up, unapproved or of a lower domain's owner."""
    ends = draw(HOURS)
    return GateException(
        id=f"exc-{number}",
        rule=draw(st.sampled_from(GATES)),
        digest=manifest_digest(plan) if draw(st.integers(0, 4)) else "e" * 64,
        scope="",
        works=(Work.PROMPT,),
        reason="Needed.",
        owner="ann",
        compensating_control="Watched.",
        requested_by="ann",
        requested_at=at(-31),
        approved_by=draw(st.sampled_from(["sue", "sue", "pia", "leo", "ann", "coder", ""])),
        approved_at=at(min(ends, 1) - draw(st.sampled_from([1, 2, 20, 100]))),
        expires_at=at(ends),
        uses=("chg-1#1",) if draw(st.integers(0, 4)) == 0 else (),
        revoked_at=NOW if draw(st.integers(0, 6)) == 0 else None,
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw everything that a decision rests on; about half of it is as it should be."""
    plan = draw(PLANS)
    answers = tuple(
        answer(
            plan,
            draw(st.sampled_from(["github:2", "github:5", "github:3", "github:1", "github:90"])),
            number,
            said=draw(st.sampled_from([Said.APPROVE, Said.APPROVE, Said.REJECT, Said.ABSTAIN])),
            digest=manifest_digest(plan) if draw(st.integers(0, 3)) else "e" * 64,
            recorded_at=at(draw(HOURS)),
            source=draw(st.sampled_from([Source.PROVIDER_REVIEW, Source.SESSION])),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    sound = tuple(evidence(plan, kind) for kind in ("evals", "lint", "cost"))
    more = tuple(draw(pieces(plan, number)) for number in range(10, 10 + draw(st.integers(0, 3))))
    kept = sound[: draw(st.sampled_from([3, 3, 2, 0]))]
    world = facts(
        plan,
        budgets=draw(
            st.sampled_from(
                [(), None, (BudgetLeft(component="prompt/support", objective="o", left=-1.0),)]
            )
        ),
        actions=draw(st.sampled_from([(), (), (OVERDUE,)])),
        drills=draw(
            st.sampled_from([(), (Drill(id="d", component="prompt", at=at(-9), succeeded=True),)])
        ),
        quarantine=draw(st.sampled_from([{}, dict.fromkeys(quarantine_keys(plan), at(-2))])),
    )
    return snapshot(
        in_state(State.APPROVED, plan, answers=answers),
        facts=world,
        evidence=(*kept, *more),
        recorded=tuple(each.id for each in (*kept, *more)),
        exceptions=tuple(
            draw(exceptions(plan, number)) for number in range(draw(st.integers(0, 3)))
        ),
        moment=draw(st.sampled_from(["approve", "start"])),
    )
