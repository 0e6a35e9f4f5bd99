"""Explanations as text: a tree down to file and line, printable whatever the tree says."""

import json

from hypothesis import given
from tests.maturity.judged import assessed, record
from tests.render.hostile import hostile, made_of, plain_assessment

from pawl.base.finding import Outcome
from pawl.maturity.explain import explain
from pawl.render.explain_text import explain_json, explain_text


def test_the_tree_goes_down_to_file_and_line() -> None:
    """Dimension, level, criterion, need, threshold, record and place stand one below the other."""
    found, asked = plain_assessment()
    seen = record(outcome=Outcome.FAIL, reason="Three.", inputs="ab" * 32)
    made = assessed(asked, seen)
    text = explain_text(explain(made, [asked], [seen], "eng.one.L2.tests"))
    for wanted in (
        "eng 1, one: L1, never confirmed",
        "eng.L2 level 2: does not hold (1 unmet, 1 unknown)",
        "unmet  eng.one.L2.tests  It holds.".replace("  ", " "),
        "- main: unmet, probe asked, depth E5 of E2, assurance A1",
        f"decides: {seen.id[:12]} fail, pawl, ci, E5, A1, 0 days old",
        "looked at abababababab",
    ):
        assert wanted in text, wanted
    assert found.subject in text


def test_records_that_say_the_same_are_counted_and_others_shown() -> None:
    """Five runs of one probe are one line and a count; a record that disagrees has its own line."""
    _, asked = plain_assessment()
    seen = [record(outcome=Outcome.FAIL, days=day) for day in range(3)]
    seen.append(record(days=3, collector="ci"))
    text = explain_text(explain(assessed(asked, *seen), [asked], seen, "eng.one.L2.tests"))
    assert text.count("decides:") == 1
    assert "2 more of these records say the same" in text
    assert text.count("also seen:") == 1


def test_what_cannot_tell_proves_no_depth() -> None:
    """A blank shows why and how old it is, and no depth that it never reached."""
    _, asked = plain_assessment()
    seen = record(outcome=Outcome.CANNOT_TELL, reason="No export.")
    text = explain_text(explain(assessed(asked, seen), [asked], [seen], "eng.one.L2.tests"))
    assert "cannot-tell, pawl, ci, 0 days old" in text
    assert "No export." in text


def test_json_carries_its_schema() -> None:
    """The tree is one documented, versioned object."""
    found, asked = plain_assessment()
    assert (
        json.loads(explain_json(explain(found, [asked], [], "eng")))["schema"] == "pawl.explain/1"
    )


@given(hostile)
def test_hostile_text_stays_printable(text: str) -> None:
    """No control character comes out, whatever goes in."""
    found, asked, records = made_of(text)
    shown = explain_text(explain(found, [asked], records, "eng"))
    assert all(line.isprintable() for line in shown.split("\n"))
