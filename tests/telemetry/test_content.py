"""Texts beside events: whose they are, where they are cut, and that no secret survives the cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.base.test_redaction import _corpus
from tests.store.events.made_events import event

from pawl.base.redaction import REDACTED
from pawl.telemetry.content import BEYOND, Content, Gathered, Role, gather_from, kept_text
from pawl.telemetry.event import Kind

ONE = event("e1", kind=Kind.PROMPT, session_id="s1", developer="ada")


def gathered(value: object, most: int = 256, room: int = 10_000) -> list[Content]:
    """Gather one value."""
    found = Gathered(most, room)
    found.add(ONE, Role.PROMPT, value)
    return found.take()


def test_a_text_knows_its_event_and_whose_it_is() -> None:
    """So that it can be shown there, and erased with the person."""
    (text,) = gathered("Fix the bug")
    assert (text.event_id, text.role, text.text) == ("e1", "prompt", "Fix the bug")
    assert (text.time, text.session_id, text.developer) == (ONE.time, "s1", "ada")
    assert text.characters == 11


@pytest.mark.parametrize("nothing", [None, "", [], {}, b"", "<REDACTED>", "[REDACTED]"])
def test_nothing_is_no_text(nothing: object) -> None:
    """Neither is the word that stands for what the sender was not asked to send."""
    assert gathered(nothing) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"command": "ls"}, '{"command":"ls"}'),
        ([{"type": "text", "text": "é"}], '[{"type":"text","text":"é"}]'),
        (b"\xff1", "\N{REPLACEMENT CHARACTER}1"),
        (["\ud800"], str(["\ud800"])),
        (5, "5"),
    ],
)
def test_values_become_text(value: object, text: str) -> None:
    """Arguments come as JSON, bytes as what of them is UTF-8."""
    assert gathered(value)[0].text == text


def test_what_is_gathered_is_bounded() -> None:
    """A text is cut, all of them together are, and the size of the rest is still known."""
    found = Gathered(256, 10_000)
    for _ in range(4):
        found.add(ONE, Role.PROMPT, "x" * 1_000_000)
    assert found.size == 10_000
    texts = found.take()
    assert [len(each.text) for each in texts] == [256 + BEYOND, 256 + BEYOND, 1296, 0]
    assert {each.characters for each in texts} == {1_000_000}
    assert (found.size, found.take()) == (0, [])


def test_a_text_goes_to_the_event_of_its_kind() -> None:
    """One record tells a span, a call and a result: arguments are the call's, output the
    result's, and what fits none goes to the first."""
    kinds = (Kind.SPAN, Kind.TOOL_CALL, Kind.TOOL_RESULT)
    events = [event(kind, kind=kind) for kind in kinds]
    found = Gathered(256)
    for role in (Role.ARGUMENTS, Role.RESULT, Role.ANSWER):
        found.add_to_one_of(events, role, "x")
    found.add_to_one_of([], Role.ANSWER, "x")
    assert [each.event_id for each in found.take()] == ["tool_call", "tool_result", "span"]


def test_a_reader_that_cannot_tell_is_left_alone() -> None:
    """A reader without the attribute gets none."""

    class Plain:
        __slots__ = ()

    class Telling:
        contents: Gathered | None = None

    plain, telling, found = Plain(), Telling(), Gathered(256)
    gather_from(plain, found)
    gather_from(telling, None)
    assert telling.contents is None
    gather_from(telling, found)
    assert telling.contents is found


@given(st.text(max_size=600), st.integers(min_value=256, max_value=400))
def test_a_kept_text_is_within_its_bytes_and_says_when_it_is_cut(text: str, most: int) -> None:
    """Whatever it holds, it has a UTF-8 form and no null byte."""
    for found in gathered(text, most):
        kept = kept_text(found, most)
        head, mark, rest = kept.rpartition("\n[cut here by Pawl")
        assert "\0" not in kept
        assert kept.encode()
        if mark:
            assert len(head.encode()) <= most
            assert f"{len(text):,} characters" in rest
        else:
            assert len(kept.encode()) <= most


@pytest.mark.parametrize(("issuer", "text", "secret"), _corpus(), ids=lambda text: text[:20])
def test_no_cut_lets_a_secret_through(issuer: str, text: str, secret: str) -> None:
    """Wherever the end of what is kept falls in it: the secret is taken out before the cut."""
    for before in range(256 - len(text), 257, 7):
        whole = f"{'.' * before} {text} and so on"
        (found,) = gathered(whole)
        kept = kept_text(found, 256)
        assert secret[:16] not in kept
        if before < 256 - len(text):
            assert REDACTED in kept
