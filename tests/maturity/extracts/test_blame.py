"""Lines of a postmortem that put the fault on a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.blame import EXTRACT, read_blame
from pawl.maturity.facts.tree import TreeFile


@pytest.mark.parametrize(
    "line",
    [
        "Dana forgot to run the migration.",
        "Dana Smith made a serious mistake.",
        "@dana failed to check the diff.",
        "She simply ignored the alert.",
        "The on-call should have noticed.",
        "Root cause: operator error",
        "This was the fault of the intern.",
        "The night shift is to blame.",
    ],
)
def test_fault_on_a_person_is_found(line: str) -> None:
    """Names, handles, pronouns and roles with a fault behind them are blame."""
    assert read_blame("p.md", f"# Outage\n\n{line}\n").lines == (3,)


@pytest.mark.parametrize(
    "line",
    [
        "Kafka failed to elect a leader.",
        "The deploy script did not check the schema.",
        "Alertmanager should have fired.",
        "This is a blameless postmortem.",
        "Thanks to Dana, who should have been asleep.",
        "The engineer rolled back at 10:04.",
        "We forgot that the cache outlives the deploy.",
        "Dana restarted the pods.",
    ],
)
def test_systems_timelines_and_thanks_are_no_blame(line: str) -> None:
    """What a system did, what somebody did, and thanks are not accused."""
    assert read_blame("p.md", line).count == 0


def test_only_postmortems_are_read() -> None:
    """Other pages may say what they like."""
    assert EXTRACT.wants(TreeFile("docs/postmortems/2026-10.md", 10, "b"))
    assert not EXTRACT.wants(TreeFile("docs/guide.md", 10, "b"))


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    """No text raises, and no more lines are told than counted."""
    read = read_blame("p.md", text)
    assert len(read.lines) <= read.count
