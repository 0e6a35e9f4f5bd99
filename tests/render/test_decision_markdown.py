"""A decision on a page and on a terminal: readable, in order, and nothing in it acts."""

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.made_changes import decided, in_state, manifest

from pawl.changes.change import State
from pawl.render.decision_markdown import LINES_MOST, decision_markdown, decision_text

BLOCKED = decided(change=in_state(State.APPROVED, manifest(), answers=()))


def test_the_answer_comes_first_and_then_what_is_in_the_way() -> None:
    """Whoever reads one line knows whether it ships; the second group says why not."""
    lines = decision_text(BLOCKED).splitlines()
    assert lines[0] == "chg-1 may not start: fail"
    gates = [line.strip() for line in lines if line.startswith("  ") and line[2] != " "]
    no = next(number for number, line in enumerate(gates) if line.startswith("NO approvals"))
    yes = next(number for number, line in enumerate(gates) if line.startswith("yes "))
    assert no < yes


def test_markdown_says_what_it_was_judged_on() -> None:
    """The digests of content, base and policy stand below, so that anybody can compare."""
    shown = decision_markdown(BLOCKED)
    assert shown.startswith("### chg-1 may not start: fail\n\n- ")
    for digest in (BLOCKED.digest, BLOCKED.base_digest, BLOCKED.policy_digest):
        assert f"`{digest[:12]}`" in shown


HOSTILE = st.sampled_from(
    ["<script>x</script>", "@everyone", "[a](http://b)", "a\nb\n# c", "\x1b[31mred", "| a | b |"]
) | st.text(max_size=20)


@given(HOSTILE)
def test_what_people_wrote_is_shown_and_does_nothing(text: str) -> None:
    """No markup, mention, link, line or control character gets out of a reason."""
    gates = tuple(msgspec.structs.replace(each, reason=text) for each in BLOCKED.gates)
    decision = msgspec.structs.replace(BLOCKED, gates=gates)
    shown = decision_markdown(decision)
    assert not re.search(r"(?<!\\)[<\]|]", shown)
    assert "@everyone" not in shown
    assert len(shown.splitlines()) == len(decision_markdown(BLOCKED).splitlines())
    assert "\x1b" not in shown + decision_text(decision)


def test_a_decision_without_end_is_cut() -> None:
    """However many answers there were, a page stays a page and says what is missing."""
    (stale,) = decided(change=in_state(State.APPROVED, authors=("github:2",))).answers
    answers = tuple(
        msgspec.structs.replace(stale, approval=f"ans-{number}") for number in range(LINES_MOST)
    )
    many = msgspec.structs.replace(BLOCKED, answers=answers)
    assert "lines more" in decision_text(many)
    assert len(decision_markdown(many).splitlines()) < LINES_MOST + 10
