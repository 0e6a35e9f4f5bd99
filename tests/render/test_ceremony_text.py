"""Assessments as text and JSON: what people typed stays text, and everything is told."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.ceremony_terms import Action, Ceremony, Gap, State, Strength
from pawl.maturity.confirm import AssessmentKind, Confirmed, Trigger
from pawl.maturity.scaling import Ground, ScaleDecision
from pawl.maturity.stagnation import Intervention
from pawl.render.ceremony_text import (
    ceremonies_json,
    ceremonies_text,
    ceremony_json,
    ceremony_text,
    decision_text,
)

NOW = "2026-11-21T00:00:00.000000Z"


def held(text: str = "Runbooks help.", state: State = State.CLOSED) -> Ceremony:
    """Return an assessment with one of everything, and one text everywhere."""
    confirmed = Confirmed(
        subject="repo:a", model="eng", dimension="code", level=2, change="raised", reason=text,
        kind=AssessmentKind.FOCUSED, assessment="asm_1", at=NOW, until="2027-02-21T00:00:00Z",
    )  # fmt: skip
    return Ceremony(
        id="asm_1",
        subject="repo:a",
        model="eng",
        trigger=Trigger(cause="incident", ref=text, at=NOW, dimensions=("code",)),
        opened_at=NOW,
        state=state,
        assessment="a" * 64,
        strengths=(Strength(dimension="code", text=text, criterion="eng.code.L2.tests"),),
        gaps=(Gap(id="g", dimension="code", text=text),),
        actions=(Action(id="x", gap="g", text=text, owner=text, due="2027-01-01", indicator=text),),
        targets={"code": 3},
        confirmed=(confirmed,),
        interventions=(Intervention(cause="no-step", reason=text, assessments=("asm_1",)),),
        ended_at=NOW,
    )


def test_text_tells_everything_that_was_agreed() -> None:
    """Findings, actions with owner and day, targets and what was confirmed."""
    text = ceremony_text(held(), ["Close it."], [])
    for line in (
        "asm_1: focused assessment of repo:a by eng, closed",
        "  opened 2026-11-21 by the incident Runbooks help., ended 2026-11-21",
        "  strength code: Runbooks help. (eng.code.L2.tests)",
        "  gap code: Runbooks help. (g)",
        "  target code: level 3, measured ?",
        "  confirmed code: level 2, raised, until 2027-02-21. Runbooks help.",
        "  leadership must look: Runbooks help.",
        "next: Close it.",
    ):
        assert f"{line}\n" in text
    assert "Owner Runbooks help., due 2027-01-01" in text


def test_gaps_are_proposed_while_findings_are_noted() -> None:
    """The criteria that keep the next level away are named, a dozen at most."""
    text = ceremony_text(held(state=State.EVIDENCE), [], [f"c{n}" for n in range(15)])
    assert "could be noted as gaps: c0, c1" in text
    assert "c11 and 3 more" in text
    assert "could be noted" not in ceremony_text(held(), [], ["c0"])


def test_a_decision_names_its_grounds() -> None:
    """What is against it comes with what would lift it."""
    ground = Ground(dimension="code", allows=False, reason="Too low.", blocking=("eng.code.L2.a",))
    told = ScaleDecision(request="r", allowed=False, reason="It waits.", grounds=(ground,))
    text = decision_text(told)
    assert text.startswith("r is blocked: It waits.\n")
    assert "against code: Too low.\n" in text
    assert "would lift it: eng.code.L2.a\n" in text


def test_json_carries_its_schema() -> None:
    """One object for one assessment and for a list of them."""
    one = json.loads(ceremony_json(held(), ["Do it."], ["c"]))
    assert (one["schema"], one["to_do"], one["missing"]) == ("pawl.ceremony/1", ["Do it."], ["c"])
    assert one["assessment"]["gaps"][0]["id"] == "g"
    many = json.loads(ceremonies_json([held()]))
    assert many["schema"] == "pawl.ceremony/1"
    assert many["assessments"][0]["result"] is None


@given(st.text(max_size=60))
def test_what_people_typed_stays_text(text: str) -> None:
    """No control character reaches a terminal."""
    shown = ceremony_text(held(text), [text], [text]) + ceremonies_text([held(text)])
    assert all(character.isprintable() for character in shown.replace("\n", ""))
