"""What people are told of a batch."""

import msgspec
from tests.runs.batches import items, rules

from pawl.render.batch import cost_text, plan_text, result_text, summary_text
from pawl.runs.batch import Batch
from pawl.runs.batch_ending import summary
from pawl.runs.batch_events import Finished, Halt
from pawl.runs.batch_result import declined
from pawl.runs.record import Outcome


def test_a_cost_that_is_unknown_is_not_nothing() -> None:
    """What is known and what is not are told beside each other."""
    assert cost_text(0, 0) == "$0.00"
    assert cost_text(1_500_000, 0) == "$1.50"
    assert cost_text(0, 3) == "3 of unknown cost"
    assert cost_text(1_500_000, 1) == "$1.50 and 1 of unknown cost"


def test_a_line_about_an_item_is_one_line() -> None:
    """Errors are an agent's words: no control character gets to the terminal."""
    result = msgspec.structs.replace(
        declined(items(1)[0], "bad\n\x1b[31mred"), cost_micros=None, attempts=3, wall_ms=61_000
    )
    line = result_text(result, 7, 100)
    assert line == "[  7/100]  n0  refused  1 m 1 s  cost unknown  3 attempts  bad ?[31mred"


def test_a_summary_says_what_is_left_and_what_to_do() -> None:
    """Why it stopped and how to go on stand below the counts."""
    batch = Batch(items(3), rules(max_usd=10, per_item=5))
    done = msgspec.structs.replace(declined(items(1)[0], ""), outcome=Outcome.SUCCEEDED)
    batch.apply(Finished(result=done))
    batch.stop(Halt(by="max-usd", detail="no room."))
    text = summary_text(summary(batch, results="out", resumed=1, wall_ms=2000))
    assert text == (
        "3 items: 1 succeeded, 2 left; 1 done before this call.\n"
        "Cost: $0.00. Time: 2.0 s. Results: out\n"
        "Stopped by max-usd: no room. Say it again with a higher --max-usd to go on.\n"
    )


def test_a_plan_is_quoted() -> None:
    """An argument with spaces is seen as one."""
    assert plan_text([("a", None, ("x", "a b")), ("b", "sub", ("y",))]) == (
        "a  x 'a b'\nb  (in sub)  y\n"
    )
