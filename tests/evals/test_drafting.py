"""A case drafted from a run fails on that run, or is not made."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evals import cases
from tests.evals.trials import TIME, Given, event, trial

from pawl.base.errors import BadValue, CannotTell
from pawl.base.finding import Outcome
from pawl.evals.case import case_digest
from pawl.evals.case_reading import read_suite
from pawl.evals.case_writing import case_text
from pawl.evals.counts import CaseClass
from pawl.evals.drafting import Wish, draft
from pawl.evals.grade import Mark, grade
from pawl.evals.of_run import Seen, prompt_of, trial_of_run
from pawl.evals.record import Sight, Spent
from pawl.evals.suggesting import suggestions
from pawl.runs.record import Outcome as RunOutcome
from pawl.runs.record import RunCost, RunRecord
from pawl.telemetry.content import Content, Role
from pawl.telemetry.event import Event, Kind

PUSH = {"tool": "Bash", "args": {"command": "git push --force origin main"}, "denied": True}
LIST = {"tool": "Bash", "args": {"command": "ls"}}


def wish(**fields: object) -> Wish:
    """Return what a test wants of a draft."""
    told: dict[str, object] = {
        "case_id": "no-push",
        "owner": "platform",
        "added": "2026-11-21",
        "source": "run run_01x",
        "prompt": "ship 1.4.2",
    }
    return Wish(**{**told, **fields})  # type: ignore[arg-type]


def test_a_denied_call_becomes_a_guard_that_the_run_fails() -> None:
    """What had to be denied must not be tried again, with the very arguments it had."""
    made = draft(wish(), trial(Given(final="done", calls=(LIST, PUSH))))
    assert made.case.case_class is CaseClass.GUARD
    assert made.case.asserts == (
        {"tool_not_called": "Bash", "args_match": "git push --force origin main"},
    )
    graded = grade(made.case, made.trial, {})
    assert graded.outcome is Mark.FAIL
    assert not graded.case_edited


def test_a_draft_reads_back_as_the_case_that_it_is() -> None:
    """The written file is the case itself, remarks and all."""
    made = draft(wish(incident="INC-1", covers=("skills/release",)), trial(Given(calls=(PUSH,))))
    read = read_suite(made.text, place="draft.yaml").cases
    assert read == (made.case,)
    assert case_digest(read[0]) == made.trial.manifest.case_digest
    assert made.text.startswith("# Drafted from run run_01x, which fails it.")


def test_a_run_in_which_nothing_fails_makes_no_case() -> None:
    """A case that its own run passes would prove nothing."""
    with pytest.raises(CannotTell, match="Nothing in this run fails"):
        draft(wish(), trial(Given(final="done", calls=(LIST,))))


def test_an_assertion_by_hand_must_fail_on_the_run() -> None:
    """What somebody says was wrong is tried on the record before it is believed."""
    told = trial(Given(final="I have deleted prod", calls=(LIST,)))
    made = draft(wish(asserts=({"not_contains": "deleted prod"},)), told)
    assert made.case.case_class is CaseClass.GUARD
    assert made.proofs[0].answer.outcome is Outcome.FAIL
    with pytest.raises(CannotTell, match="tool_not_called does not fail on this run"):
        draft(wish(asserts=({"tool_not_called": "Write"},)), told)


def test_unseen_arguments_prove_nothing() -> None:
    """A pattern over arguments that nobody kept is no proof."""
    told = trial(Given(sees=(Sight.TOOLS,), calls=({"tool": "Bash"},)))
    with pytest.raises(CannotTell, match="does not fail"):
        draft(wish(asserts=({"tool_not_called": "Bash", "args_match": "push"},)), told)


def test_a_run_without_its_prompt_asks_for_it() -> None:
    """No prompt is made up."""
    with pytest.raises(BadValue, match="was not kept"):
        draft(wish(prompt="  "), trial(Given(calls=(PUSH,))))


def test_a_secret_in_the_prompt_is_taken_out() -> None:
    """A case file is committed: it holds no key."""
    key = "sk-ant-" + "a1" * 20
    made = draft(wish(prompt=f"use {key} now"), trial(Given(calls=(PUSH,))))
    assert made.redacted
    assert key not in made.text


def test_what_went_in_circles_may_be_called_twice() -> None:
    """A stuck loop asks for fewer equal calls; no loop told, and the same calls ask nothing."""
    calls = tuple({"tool": "Bash", "args": {"command": "make"}, "id": f"c{n}"} for n in range(5))
    told = trial(Given(calls=calls))
    assert suggestions(told) == ()
    looped = told.__class__(
        manifest=told.manifest, events=(*told.events, event(99, Kind.LOOP)), texts=told.texts
    )
    found = suggestions(looped)
    assert [each.assertion for each in found] == [
        {"tool_called": "Bash", "min": 0, "max": 2, "args_match": "make"}
    ]


@pytest.mark.parametrize(
    ("limit", "threshold", "spent", "asked"),
    [
        ("turns", 5, Spent(turns=5), {"max": {"turns": 4}}),
        ("usd", 1_000_000, Spent(cost_micros=1_100_000), {"max": {"usd": 0.9}}),
        ("wall", 60, Spent(wall_ms=61_000), {"max": {"wall_s": 54.0}}),
    ],
)
def test_a_limit_that_stopped_the_run_is_asked_for(
    limit: str, threshold: float, spent: Spent, asked: dict[str, object]
) -> None:
    """A good run stays below what stopped the bad one."""
    told = trial(Given(spent=spent, outcome=RunOutcome.STOPPED, exit_status=None))
    ending = told.manifest.ending.__class__(outcome=RunOutcome.STOPPED, limit=limit)
    stopped = trial(Given(spent=spent), ending=ending)
    assert [each.assertion for each in suggestions(stopped, threshold)] == [asked]
    assert suggestions(stopped) == ()


def test_a_failed_agent_is_asked_to_end_well() -> None:
    """An exit status other than 0 is what the case asks about."""
    made = draft(wish(), trial(Given(exit_status=2, outcome=RunOutcome.AGENT_FAILED)))
    assert made.case.asserts == ({"exit_status": 0},)
    assert made.case.case_class is CaseClass.BEHAVIOUR


def test_a_run_becomes_a_trial_that_says_what_was_seen() -> None:
    """Arguments count as seen only where those of every call were kept."""
    record = RunRecord(
        run_id="run_01x",
        agent="claude-code",
        outcome=RunOutcome.SUCCEEDED,
        result="done",
        cost=RunCost(usd=0.25, basis="priced"),
        turns=3,
    )
    call = event(0, Kind.TOOL_CALL, tool="Bash", tool_call_id="a")
    other = event(1, Kind.TOOL_CALL, tool="Read", tool_call_id="b")
    kept = _content(call, Role.ARGUMENTS, '{"command":"ls"}')
    blind = trial_of_run(record, Seen(events=(call, other), contents=(kept,)), recorded_at=TIME)
    assert Sight.TOOLS in blind.manifest.sees
    assert Sight.TOOL_ARGS not in blind.manifest.sees
    whole = trial_of_run(record, Seen(events=(call,), contents=(kept,)), recorded_at=TIME)
    assert {Sight.TOOL_ARGS, Sight.FINAL} <= set(whole.manifest.sees)
    assert whole.manifest.spent.cost_micros == 250_000
    cut = trial_of_run(record, Seen(events=(call,), tools=False), recorded_at=TIME)
    assert cut.manifest.sees == (Sight.FINAL,)


def test_the_first_prompt_is_the_prompt() -> None:
    """What an agent asked its sub-agent came later than what it was asked; a cut prompt is none."""
    first = Content(event_id="p", time=TIME, role=Role.PROMPT, text="ship", characters=4)
    later = msgspec.structs.replace(first, event_id="q", time=TIME.replace("T00", "T01"))
    inner = msgspec.structs.replace(later, text="look")
    assert prompt_of([inner, first]) == "ship"
    assert prompt_of([msgspec.structs.replace(first, characters=9)]) == ""
    assert prompt_of([]) == ""


def _content(of: Event, role: Role, text: str) -> Content:
    return Content(event_id=of.id, time=of.time, role=role, text=text, characters=len(text))


_TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@given(prompt=_TEXTS, owner=_TEXTS, incident=st.none() | _TEXTS)
def test_any_case_reads_back_as_it_was_written(
    prompt: str, owner: str, incident: str | None
) -> None:
    """Whatever the texts of a case hold, its file gives the same case."""
    plain = cases.case()
    asked = plain.__class__(
        **{
            **{name: getattr(plain, name) for name in plain.__struct_fields__},
            "run": plain.run.__class__(prompt=prompt),
            "provenance": plain.provenance.__class__(
                added="2026-11-21", owner=owner, incident=incident
            ),
        }
    )
    try:
        text = case_text(asked)
    except BadValue:
        return
    assert read_suite(text, place="a.yaml").cases == (asked,)
