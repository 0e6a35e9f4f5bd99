"""Gates as data: a narrower file may add and tighten; what would loosen is left as it was."""

from importlib.resources import files
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import POLICY
from tests.changes.made_snapshots import snapshots

from pawl.base.errors import BadFile
from pawl.changes.condition import Snapshot
from pawl.changes.gate import blocks, directions, evaluate, shipped_conditions
from pawl.changes.gate_file import (
    Applies,
    Gate,
    GateFile,
    Mode,
    firm_gates,
    load_gates,
    shipped_gates,
    tightened,
)
from pawl.changes.manifest import Risk
from pawl.governance.priority import Domain
from pawl.governance.raci import Work

WAYS = directions(shipped_conditions())
WIDE = shipped_gates()


def file(*gates: Gate) -> GateFile:
    return msgspec.structs.replace(WIDE, gates=gates)


def gate(identity: str, **fields: Any) -> Gate:
    found = next(each for each in WIDE.gates if each.id == identity)
    return msgspec.structs.replace(found, **fields)


@pytest.mark.parametrize(
    ("identity", "fields", "name"),
    [
        ("approvals", {"mode": Mode.DRY_RUN}, "mode"),
        ("approvals", {"moments": ("approve",)}, "moments"),
        ("approvals", {"given": {"quorum": 0}}, "with"),
        ("approvals", {"given": {}}, "with"),
        ("approvals", {"condition": "lint-is-clean"}, "condition"),
        ("approvals", {"domain": Domain.COST}, "domain"),
        ("evals", {"applies": Applies(works=(Work.CODE,))}, "applies"),
        ("evals", {"applies": Applies(risk=(Risk.HIGH,), works=(Work.CODE,))}, "applies"),
        ("evals", {"max_age": "30d"}, "max_age"),
        ("evals", {"max_age": ""}, "max_age"),
        ("evals", {"several": "newest"}, "several"),
        ("evals", {"must_have_data": False}, "must_have_data"),
        ("evals", {"given": {"sets": []}}, "with"),
        ("base", {"exceptable": True}, "exceptable"),
        ("cost", {"given": {"share_max": 0.5}}, "with"),
        ("rollback-rehearsal", {"given": {"days": 365}}, "with"),
    ],
)
def test_what_would_loosen_is_left_and_told(
    identity: str, fields: dict[str, Any], name: str
) -> None:
    """Field by field the wider rule stays where the narrower one is looser, with a note."""
    found = tightened(WIDE, file(gate(identity, **fields)), WAYS)
    assert found.notes == (f"{identity}: {name} would be looser, so the wider rule stays.",)
    result = next(each for each in found.gates.gates if each.id == identity)
    wide = gate(identity)
    for each in fields:
        if each != "applies":
            assert getattr(result, each) == getattr(wide, each)
    for mine, theirs in ((result.applies.risk, wide.applies.risk),
                         (result.applies.works, wide.applies.works)):  # fmt: skip
        assert not mine or (theirs and {*mine} >= {*theirs})


@pytest.mark.parametrize(
    ("identity", "fields"),
    [
        ("approvals", {"given": {"quorum": 2}}),
        ("approvals", {"applies": Applies()}),
        ("approvals", {"applies": Applies(risk=(Risk.HIGH, Risk.MEDIUM))}),
        ("approvals", {"exceptable": False}),
        ("evals", {"max_age": "1d", "min_events": 50, "producers": ("ci:github:1",)}),
        ("policy-checks", {"mode": Mode.ENFORCE, "several": "all"}),
        ("cost", {"given": {"share_max": 0.1}, "domain": Domain.SECURITY}),
    ],
)
def test_what_tightens_is_taken(identity: str, fields: dict[str, Any]) -> None:
    """More approvals, wider reach, younger evidence and enforcement may be asked for."""
    own = gate(identity, **fields)
    found = tightened(WIDE, file(own), WAYS)
    assert found.notes == ()
    result = next(each for each in found.gates.gates if each.id == identity)
    assert result.given == own.given
    assert result.mode is own.mode
    assert {*result.applies.risk} == {*own.applies.risk}
    assert len(found.gates.gates) == len(WIDE.gates)


GATES = st.sampled_from(WIDE.gates).flatmap(
    lambda each: st.builds(
        Gate,
        id=st.just(each.id),
        condition=st.sampled_from([each.condition, each.condition, "lint-is-clean"]),
        domain=st.sampled_from(Domain),
        source=st.just("a test"),
        applies=st.builds(
            Applies,
            risk=st.sampled_from([(), (Risk.HIGH,), (Risk.LOW, Risk.MEDIUM), tuple(Risk)]),
            works=st.sampled_from([(), (Work.PROMPT,), (Work.CODE,), tuple(Work)]),
        ),
        mode=st.sampled_from(Mode),
        moments=st.sampled_from([("approve",), ("start",), ("start", "approve")]),
        max_age=st.sampled_from(["", "1h", "7d", "60d"]),
        min_events=st.sampled_from([0, 50, 500]),
        must_have_data=st.booleans(),
        several=st.sampled_from(["all", "newest"]),
        producers=st.sampled_from([(), ("ci:github:1",), ("ci:github:2",)]),
        exceptable=st.booleans(),
        firm=st.booleans(),
        given=st.sampled_from(
            [each.given, {}, {"quorum": 0}, {"quorum": 2}, {"share_max": 9.0}, {"days": 1}]
        ),
    )
)


@settings(max_examples=40)
@given(snapshots(), st.lists(GATES, max_size=6, unique_by=lambda each: each.id))
def test_a_narrower_file_never_lets_through_what_a_wider_one_holds(
    snapshot: Snapshot, own: list[Gate]
) -> None:
    """Whatever a narrower scope writes, each gate that held the change up still holds it up."""
    found = tightened(WIDE, file(*own), WAYS)
    answers = snapshot.change.answers

    def under(gates: GateFile) -> Snapshot:
        policy = msgspec.structs.replace(POLICY, gates=gates)
        bound = tuple(
            msgspec.structs.replace(each, policy_digest=policy.digest) for each in answers
        )
        change = msgspec.structs.replace(snapshot.change, answers=bound)
        return msgspec.structs.replace(snapshot, policy=policy, change=change)

    wide, narrow = evaluate(under(WIDE)), evaluate(under(found.gates))
    held = {each.gate for each in wide.gates if blocks(each)}
    assert held <= {each.gate for each in narrow.gates if blocks(each)}
    assert wide.allowed or not narrow.allowed


@settings(max_examples=40)
@given(st.lists(GATES, max_size=6, unique_by=lambda each: each.id))
def test_tightening_twice_is_tightening_once(own: list[Gate]) -> None:
    """What came out is as strict as both, so putting it on top again changes nothing."""
    once = tightened(WIDE, file(*own), WAYS)
    twice = tightened(WIDE, once.gates, WAYS)
    assert twice.gates == once.gates
    assert twice.notes == ()


def test_the_firm_gates_are_those_without_which_nothing_is_controlled() -> None:
    """Approvals, known authors, a current base, one change at a time, no way back in by habit."""
    assert {each.id for each in firm_gates().gates} == {
        "approvals", "separation-of-duties", "rolled-back-content", "base", "component",
        "broken-glass", "experiment", "granting",
    }  # fmt: skip


TEXT = files("pawl.changes").joinpath("gates.yaml").read_text()


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("id: evals", "id: lint"),
        TEXT.replace("max_age: 7d", "max_age: a week"),
        TEXT.replace("source: Ours.\n", 'source: " "\n'),
        TEXT.replace("moments: [start]", "moments: []"),
        TEXT.replace("moments: [start]", "moments: [finish]"),
        TEXT.replace("exceptable: false", "exceptional: false"),
        TEXT.replace("firm: true", "min_events: -1"),
        "gates: [",
        "",
    ],
)
def test_a_file_that_is_not_clear_does_not_load(text: str) -> None:
    """Doubles, unknown words, gates that are never asked and such without a source."""
    with pytest.raises(BadFile, match=r"gates\.yaml"):
        load_gates(text, place="gates.yaml")
