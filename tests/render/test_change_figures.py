"""Figures for people: every share with its count and interval, and nothing unknown as zero."""

import json

from tests.changes.made_changes import at, decided

from pawl.changes.metrics import Excepting, Recovery, Release, figures
from pawl.render.change_figures import figures_json, figures_markdown, figures_text

FOUND = figures(
    [
        Release(change="a", released_at=at(0), opened_at=at(-2), live_at=at(1), decision=decided(),
                failed=False),
        Release(change="b", released_at=at(0), managed=False),
    ],
    [Recovery(change="c", recorded_at=at(0), trigger_at=at(0), done_at=at(0.1))],
    at(-1),
    at(2),
    [Excepting(id="e", given_at=at(0), used=True, over=False, glass="late")],
)  # fmt: skip
EMPTY = figures([], [], at(-1), at(2))


def test_a_share_stands_with_its_count_and_interval() -> None:
    """One of two says how little that is: the interval reaches from near nothing to near all."""
    text = figures_text(FOUND)
    assert "2 releases, 1 of them around everything." in text
    (line,) = [each for each in text.splitlines() if each.startswith("Quality gate coverage")]
    assert line.split() == ["Quality", "gate", "coverage", "50.0", "%", "1", "of", "2", "9.5", "%",
                            "to", "90.5", "%"]  # fmt: skip
    assert "1 exception given: 1 used, 1 glass ratified late." in text


def test_nothing_is_a_dash_and_no_zero() -> None:
    """A share of nothing and a time of nothing are told as not known."""
    (line,) = [each for each in figures_text(EMPTY).splitlines() if each.startswith("Change fail")]
    assert line.split() == ["Change", "failure", "rate", "-", "0", "-"]
    assert "0 %" not in figures_markdown(EMPTY)


def test_markdown_has_the_same_numbers() -> None:
    """A table of shares and one of times, each row with as many cells as its head."""
    text = figures_markdown(FOUND)
    assert "| Quality gate coverage | 50.0 % | 1 of 2 | 9.5 % to 90.5 % |" in text
    assert "| Rolled back | 6 m 0 s | 6 m 0 s | 6 m 0 s | 1 | 0 |" in text
    assert FOUND.definitions.digest[:12] in text


def test_json_is_canonical() -> None:
    """One line, keys sorted, with the schema and null where nothing is known."""
    told = json.loads(figures_json(EMPTY))
    assert (told["schema"], told["gate_coverage"]["value"]) == ("pawl.change-figures/1", None)
    assert list(told) == sorted(told)
