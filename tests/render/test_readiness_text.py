"""Readiness as text and Markdown: each item, the next step, and nothing that breaks out."""

import msgspec
from hypothesis import given
from tests.maturity.test_readiness import STEPS, grown, look
from tests.render.hostile import hostile

from pawl.base.finding import Place
from pawl.maturity.readiness import NextStep, Readiness, Standing
from pawl.render.readiness_text import readiness_markdown, readiness_text

BARE = look({"README.md": "# Pay\n"})
READY = look(**grown(len(STEPS)))


def test_each_item_is_told_with_why_and_what_to_do_next() -> None:
    """A bare repository reads as twelve open items and one command."""
    text = readiness_text(BARE)
    assert text.startswith("repo:example: not ready\n0 of 12 are proved.")
    assert "no          1. Is there a skill that says how to review?" in text
    assert "No skill is about reviewing." in text
    assert "Next: review-skill" in text
    assert "  $ pawl lint .claude/skills" in text


def test_ready_says_so_and_asks_for_nothing() -> None:
    """Where all is proved there is no next step."""
    assert readiness_text(READY).startswith("repo:example: ready\n12 of 12 are proved.")
    assert "Next" not in readiness_text(READY)
    assert readiness_markdown(READY).startswith("# repo:example is ready")


def test_what_cannot_be_told_is_never_called_ready() -> None:
    """The head says that it is not ready, whatever the reason."""
    unknown = look(None)
    assert unknown.standing is Standing.CANNOT_TELL
    assert "cannot tell, which is not ready" in readiness_text(unknown)
    assert "cannot tell, which is not ready" in readiness_markdown(unknown)


def _with(text: str) -> Readiness:
    items = tuple(
        msgspec.structs.replace(
            each,
            reason=text,
            rests=tuple(
                msgspec.structs.replace(rest, reason=text, places=(Place(text, 1),))
                for rest in each.rests
            ),
        )
        for each in BARE.items
    )
    step = NextStep(item="a", what=text, command=text)
    return msgspec.structs.replace(
        BARE, subject=text, items=items, next_step=step, not_looked_at=(text,)
    )


@given(hostile)
def test_no_text_breaks_out(text: str) -> None:
    """No control character reaches a terminal, and each row of a table stays one row."""
    shown = readiness_text(_with(text))
    assert all(character.isprintable() or character == "\n" for character in shown)
    rows = [
        line for line in readiness_markdown(_with(text)).splitlines() if line.startswith("| no")
    ]
    assert len(rows) == sum(each.standing is Standing.NO for each in BARE.items)
    assert all(row.replace("\\|", "").count("|") == 4 for row in rows)
