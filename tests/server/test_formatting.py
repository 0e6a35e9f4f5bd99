"""Numbers, times and texts as people read them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.server import formatting

NOW = "2026-11-21T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, formatting.UNKNOWN),
        (0, "0"),
        (999, "999"),
        (1000, "1.0 k"),
        (1234, "1.2 k"),
        (99_950, "100 k"),
        (999_499, "999 k"),
        (999_600, "1.0 M"),
        (3_400_000, "3.4 M"),
        (5_000_000_000_000, "5000 G"),
    ],
)
def test_large_numbers_are_short(number: int | None, shown: str) -> None:
    """Three digits and a unit; unknown is a dash."""
    assert formatting.short(number) == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(None, "\N{EN DASH}"), (0, "0 %"), (0.001, "< 1 %"), (0.256, "26 %")]
)
def test_a_small_share_is_not_nothing(share: float | None, shown: str) -> None:
    """A share above zero never reads as zero."""
    assert formatting.percent(share) == shown


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-11-21T11:59:30.000000Z", "just now"),
        ("2026-11-21T11:58:30.000000Z", "2 min ago"),
        ("2026-11-21T09:00:00.000000Z", "3 h ago"),
        ("2026-11-19T09:00:00.000000Z", "2 d ago"),
        ("2026-11-03T09:00:00.000000Z", "3 Nov"),
        ("2025-11-03T09:00:00.000000Z", "2025-11-03"),
        ("2026-11-21T13:00:00.000000Z", "2026-11-21 13:00"),
    ],
)
def test_instants_are_told_from_now(time: str, shown: str) -> None:
    """Near ones as a distance, far ones as a day, later ones as they are."""
    told = formatting.ago(time, NOW)
    assert f">{shown}<" in told
    assert f'datetime="{time}"' in told


def test_a_record_of_a_refusal_may_be_anything() -> None:
    """What an agent left as a refusal is named if it names a tool, and unknown if not."""
    import msgspec

    for text in (b'{"tool_name": "Bash"}', b'{"tool_name": 3}', b"[]", b"nonsense"):
        shown = formatting.denied_tool(msgspec.Raw(text))
        assert shown == ("Bash" if b"Bash" in text else formatting.UNKNOWN)


@given(st.text())
@settings(max_examples=80)
def test_no_character_hides_or_reorders_others(text: str) -> None:
    """Shown text has only printable characters, blanks and line breaks, as many as before."""
    shown = formatting.visible(text)
    assert isinstance(shown, str)
    assert len(shown) == len(text)
    assert all(c in "\n\t" or c.isprintable() for c in shown)
