"""Waiting longer and longer, and text from strangers that stays text."""

import unicodedata

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.alerts.made_alerts import HOSTILE, a_notice

from pawl.alerts.delivery import facts, headline, link, numbers, one_line, wait_s


@given(attempts=st.integers(1, 400), chance=st.floats(0, 1, exclude_max=True))
def test_waits_grow_up_to_a_bound_and_then_end(attempts: int, chance: float) -> None:
    """Each wait lies between half and the whole of its step, and after the last there is none."""
    found = numbers()
    wait = wait_s(attempts, chance, found)
    if attempts >= found.attempts_max:
        assert wait is None
        return
    step = min(found.backoff_max_s, found.backoff_first_s * 2 ** (attempts - 1))
    assert wait is not None
    assert step * 0.5 <= wait <= step


def test_chance_spreads_the_waits() -> None:
    """Two senders that failed together do not come back together."""
    assert wait_s(5, 0.0, numbers()) != wait_s(5, 0.9, numbers())


def test_a_receiver_that_asks_for_time_gets_it_within_bounds() -> None:
    """`retry_after_s` lengthens a wait, never beyond the longest one."""
    found = numbers()
    assert wait_s(1, 0.0, found, 100.0) == 100.0
    assert wait_s(1, 0.0, found, 1e9) == found.backoff_max_s
    assert wait_s(found.attempts_max, 0.0, found, 1.0) is None


def test_every_number_has_a_source() -> None:
    """No number of delivering stands without saying where it comes from or what it follows from."""
    found = numbers()
    named = set(msgspec.to_builtins(found)) - {"schema", "as_of", "sources"}
    explained = {"backoff_factor", "poll_s", "answer_bytes_max", "text_max"}
    assert named - set(found.sources) <= explained
    assert set(found.sources) <= named


@given(text=st.text(max_size=300), most=st.integers(2, 80))
def test_one_line_is_one_line_of_visible_text(text: str, most: int) -> None:
    """No line break, control mark or mark of direction survives, and the length has a bound."""
    shown = one_line(text, most)
    assert len(shown) <= most
    assert not any(unicodedata.category(letter)[0] == "C" for letter in shown)
    assert len(shown.splitlines()) <= 1
    assert one_line(shown, most) == shown


def test_a_notice_in_words_has_no_line_of_a_stranger() -> None:
    """Headline and facts are single lines whatever stands in the telemetry."""
    notice = a_notice(text=HOSTILE)
    lines = [headline(notice), *(value for _, value in facts(notice.alerts[0]))]
    assert all(line == one_line(line) for line in lines)
    assert headline(notice).startswith("[FIRING · warning] ")
    assert link("http://127.0.0.1:1/", notice.alerts[0]).startswith("http://127.0.0.1:1/alerts/")
