"""Differences as text and Markdown: each change with its one cause, levels first."""

import json
import re

from hypothesis import given
from tests.maturity.judged import ago, criterion, model, record
from tests.maturity.test_difference import inputs
from tests.render.hostile import hostile

from pawl.base.finding import Outcome
from pawl.maturity.difference import difference
from pawl.render.difference_text import difference_json, difference_markdown, difference_text


def test_the_difference_names_the_cause_and_the_way() -> None:
    """Levels come first; a value that moved twice tells both steps."""
    asked = model(criterion("c"))
    before = inputs(record(), asked=asked)
    after = inputs(record(), record(outcome=Outcome.FAIL, days=-180), now=ago(-180), asked=asked)
    text = difference_text(difference(before, after))
    assert "repo:example eng.one level: 2 -> 1, by clock" in text
    assert "repo:example c: met -> unmet, by evidence" in text
    assert "on the way: stale by clock, unmet by evidence" in text
    assert text.index("level:") < text.index("repo:example c:")
    assert "| `repo:example c` | met | unmet | evidence |" in difference_markdown(
        difference(before, after)
    )


def test_no_change_is_said_aloud() -> None:
    """The same on both sides is an answer, not an empty page."""
    same = difference(inputs(record()), inputs(record()))
    assert "no verdict and no level changed" in difference_text(same)
    assert "No verdict and no level changed" in difference_markdown(same)


def test_json_carries_its_schema() -> None:
    """The difference is one documented, versioned object."""
    same = difference(inputs(), inputs())
    assert json.loads(difference_json(same))["schema"] == "pawl.difference/1"


@given(hostile)
def test_hostile_text_stays_text(text: str) -> None:
    """No control character and no broken table comes out, whatever a reason says."""
    moved = difference(inputs(record()), inputs(record(outcome=Outcome.FAIL, reason=text)))
    assert all(line.isprintable() for line in difference_text(moved).split("\n"))
    rows = [line for line in difference_markdown(moved).split("\n") if line.startswith("|")]
    assert len(rows) == 2 + len(moved.changes)
    for line in rows:
        assert line.isprintable()
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 6
