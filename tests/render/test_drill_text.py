"""Reports of drills: numbers with units, and nothing of strangers that would act."""

import msgspec
from tests.incidents.test_drill_run import BY, RUNS, made_run

from pawl.incidents.drill import Measured
from pawl.incidents.drill_run import Finish, Note, OpenedAction, Start, State
from pawl.render.drill_text import report_markdown, run_json, run_text

HOSTILE = "\x1b[31m| <script>alert(1)</script> ![x](http://x)"


def test_a_report_says_what_was_expected_and_measured() -> None:
    """Each expectation with both, in its unit, and the gaps with owner and date."""
    text = run_text(RUNS[State.FINISHED])
    assert "not met      Every notice arrives: 2 notices, expected at most 0 notices" in text
    assert "cannot tell  Soon: it never came" in text
    assert "to do by 2026-12-06, platform-eng" in text
    assert "did not hold; 0 of 2" in text


def test_an_aborted_run_says_why() -> None:
    """And never that anything held."""
    text = run_text(RUNS[State.ABORTED])
    assert "aborted. Too long." in text
    assert " held" not in text


def test_the_markdown_holds_every_part() -> None:
    """Hypothesis, expectations, timeline, gaps with their actions."""
    run = made_run(
        Start(by=BY),
        Finish(by=BY, measured={"lost": Measured(value=2)}, notes=(Note(after_s=1.5, text="Hi."),)),
        OpenedAction(by=BY, expectation="none-lost", action="act_1"),
    )
    text = report_markdown(run)
    assert "## Hypothesis\n\nEvery notice arrives once" in text
    assert "2 notices | not met |" in text
    assert "- 1.50 s: Hi" in text
    assert "action `act_1`" in text
    assert "no action opened" in text
    assert report_markdown(RUNS[State.PLANNED]).count("##") == 4


def test_what_strangers_wrote_is_text_and_nothing_else() -> None:
    """No control character reaches a terminal, no markup a page."""
    bad = Finish(
        by=HOSTILE,
        measured={"lost": Measured(value=None, why=HOSTILE)},
        notes=(Note(after_s=1, text=HOSTILE),),
    )
    run = made_run(Start(by=BY), bad)
    for text in (run_text(run), report_markdown(run)):
        assert "\x1b" not in text
    markdown = report_markdown(run)
    assert "<script>" not in markdown
    assert "![x](" not in markdown


def test_json_is_one_versioned_object() -> None:
    """With what is worked out of the run: null is unknown."""
    found = msgspec.json.decode(run_json(RUNS[State.FINISHED]))
    assert found["schema"] == "pawl.drill-run/1"
    assert found["met_share"] == 0
    assert msgspec.json.decode(run_json(RUNS[State.PLANNED]))["met_share"] is None
