"""Changes and their parts for people: hostile words are shown and do not act."""

import msgspec
import pytest
from tests.changes.made_changes import in_state, manifest

from pawl.changes.change import Refusal, State
from pawl.changes.concern import asks
from pawl.changes.manifest import difference
from pawl.changes.parts import Prompt
from pawl.changes.registry import Live
from pawl.render.change_text import (
    PROMPT_LINES,
    change_text,
    changes_text,
    difference_lines,
    live_text,
    refusal_text,
    told_text,
)

HOSTILE = "x\x1b[31m\r\n\x07y"


@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_told(state: State) -> None:
    """In a line with its title, and what can be done next where there is something."""
    change = in_state(state)
    told = told_text(change)
    assert told.startswith(f"{change.id} {state}")
    assert change.id in changes_text([change], {state: 1})


def test_words_of_people_do_not_act_in_a_terminal() -> None:
    """No control character of a title, a prompt or a reason reaches it."""
    made = manifest()
    parts = {name: Prompt(text=HOSTILE) for name in made.parts}
    made = msgspec.structs.replace(made, title=HOSTILE, why=HOSTILE, parts=parts, scope=HOSTILE)
    change = msgspec.structs.replace(in_state(State.DRAFT), manifest=made, authors=(HOSTILE,))
    shown = [
        change_text(change, None, (), (), ()),
        change_text(change, None, (), (), (), (asks(change, HOSTILE, "2026"),)),
        told_text(change),
        changes_text([change], {}),
        "\n".join(difference_lines(difference(made))),
        refusal_text(Refusal(code="c", reasons=(HOSTILE,), hint=HOSTILE)),
        live_text(
            HOSTILE,
            Live(
                component="c", part="p", goes_back_to="", since="2026", title=HOSTILE, why=HOSTILE
            ),
            {"type": "prompt", "text": HOSTILE},
            (),
        ),
    ]
    for text in shown:
        assert all(each.isprintable() or each == "\n" for each in text)


def test_a_long_prompt_is_cut_and_says_so() -> None:
    """The manifest has all of it."""
    made = msgspec.structs.replace(
        manifest(), parts={name: Prompt(text="line\n" * 500) for name in manifest().parts}
    )
    lines = list(difference_lines(difference(made)))
    assert any(f"{500 - PROMPT_LINES} lines more" in line for line in lines)


def test_what_is_not_known_is_said() -> None:
    """A component that no change here ever set is no empty one."""
    assert "nothing is known" in live_text("prompt/x", None, None, ())


def test_what_somebody_must_see_to_comes_first() -> None:
    """Before anything that is only to be read."""
    change = in_state(State.ROLLING_OUT)
    text = change_text(change, None, (), (), (), (asks(change, "canary failed.", "2026"),))
    assert "somebody must see to it: asks: canary failed." in text.splitlines()[2]
