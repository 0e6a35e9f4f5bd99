"""An assessment as Markdown: whole, honest, and safe to paste into a change request."""

import re

import msgspec
from hypothesis import given
from tests.render.hostile import hostile, made_of, plain_assessment

from pawl.render.assessment_markdown import assessment_markdown


def test_it_tells_levels_what_blocks_and_where() -> None:
    """The table has a row a dimension; below stand verdict, reason and place."""
    found, _ = plain_assessment()
    text = assessment_markdown(found, notes=("No history.",))
    assert "| one | L1 | level 1 | never | 1 unmet, 1 unknown |" in text
    assert "Weakest: **one**. Risk: risk 1." in text
    assert "- **unmet** `eng.one.L2.tests` It holds." in text
    assert "`tests/test a.py:7`" in text
    assert "No history." in text


def test_an_incomplete_model_publishes_no_level() -> None:
    """Where a probe failed, no level is shown as if it were one."""
    found, _ = plain_assessment()
    broken = msgspec.structs.replace(found.models[0], complete=False)
    text = assessment_markdown(msgspec.structs.replace(found, models=(broken,)))
    assert "**No level**" in text
    assert "| L1 |" not in text


@given(hostile)
def test_hostile_text_breaks_no_table_and_starts_no_markup(text: str) -> None:
    """Each table row has its six pipes, each line is printable, and no tag or mention is live."""
    found, _, _ = made_of(text)
    shown = assessment_markdown(found)
    lines = shown.splitlines()
    assert all(line.isprintable() for line in lines)
    rows = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows} == {6}
    outside = re.sub(r"`[^`]*`", "", re.sub(r"\\[\\`]", "", shown))
    assert not re.search(r"(?<!\\)<", outside)
    assert "@" not in outside
    heads = [line for line in lines if line.startswith("#")]
    assert len([head for head in heads if head.startswith("# ")]) == 1
