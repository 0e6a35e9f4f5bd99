"""Why a run was stopped, for people."""

import pytest

from pawl.render.stops import amount, data_size, stop_text
from pawl.runs.limit_names import limit_name, stopped_why
from pawl.runs.record import Stop


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [
        (0.356, "usd", "$0.3560"),
        (75.2, "wall", "1 m 15 s"),
        (-0.1, "idle", "0.0 s"),
        (2048, "output_bytes", "2.0 KiB"),
        (31, "turns", "31"),
        (1_000_000, "tokens", "1,000,000"),
    ],
)
def test_an_amount_has_the_unit_of_its_limit(value: float, limit: str, text: str) -> None:
    """Dollars read as dollars, times as durations, bytes as sizes, counts alone."""
    assert amount(value, limit) == text


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        (Stop(limit="usd", value=2.1, threshold=2), "$2.10 spent, $2.00 allowed"),
        (Stop(limit="wall", value=1.04, threshold=1), "1.0 s of wall time, 1.0 s allowed"),
        (Stop(limit="tool_calls", value=4, threshold=3), "4 tool calls, 3 allowed"),
        (
            Stop(limit="loop", value=3, threshold=3, detail="Bash failed again."),
            "Bash failed again",
        ),
        (Stop(limit="loop", value=3, threshold=3), "3 loop, 3 allowed"),
    ],
)
def test_a_stop_says_what_was_reached_and_allowed(stop: Stop, text: str) -> None:
    """A loop speaks for itself; every other stop gives both numbers."""
    assert stop_text(stop) == text


def test_an_unknown_limit_is_named_by_its_words() -> None:
    """A limit that a plugin adds reads like the others."""
    assert limit_name("disk_writes") == "disk writes"
    assert data_size(0) == "0 B"
    assert data_size(5 * 1024**4) == "5120 GiB"


def test_why_a_run_was_stopped_ends_a_sentence() -> None:
    """A limit is named in plain words; what is no number beyond a limit is said as it is."""
    assert stopped_why("wall") == "by its limit on wall time"
    assert stopped_why("tool-calls") == "by its limit on tool calls"
    assert stopped_why("loop") == "because it went in circles"
