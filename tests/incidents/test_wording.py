"""Words of incidents: the same both ways, blind to what is new each time, and calibrated."""

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.yaml_text import parse_yaml
from pawl.incidents.terms import shipped_terms
from pawl.incidents.wording import MAX_WORDS, likeness, weights, words_of

LABELLED = Path(__file__).with_name("labelled_incidents.yaml")
WORDS = st.sampled_from(
    ["queue", "disk", "lock", "cache", "refund", "timeout", "agent", "token", "bank", "branch"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def vectors(texts: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, float]]:
    """Return what the words of each text weigh among all of them."""
    words = {name: words_of(each) for name, each in texts.items()}
    having: dict[str, int] = {}
    for each in words.values():
        for word in each:
            having[word] = having.get(word, 0) + 1
    mean = sum(sum(each.values()) for each in words.values()) / len(words)
    return {name: weights(each, having, len(words), mean) for name, each in words.items()}


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=5))
def test_likeness_is_the_same_both_ways_and_whole_of_itself(
    one: str, other: str, rest: list[str]
) -> None:
    """It is between 0 and 1, symmetric, 1 of the same words, and 0 where nothing is shared."""
    texts = {"one": (one,), "other": (other,)} | {str(at): (x,) for at, x in enumerate(rest)}
    found = vectors(texts)
    score = likeness(found["one"], found["other"])
    assert 0 <= score <= 1
    assert score == likeness(found["other"], found["one"])
    assert likeness(found["one"], found["one"]) == 1
    if not set(one.split()) & set(other.split()):
        assert score == 0


def test_what_is_new_each_time_is_no_word() -> None:
    """Numbers, ids, hosts and times make no difference; endings of words hardly any."""
    one = words_of(["Timeouts of 10.0.3.7:5432 at 2026-03-01T10:00:00Z, request 7f3a9c2b1d00"])
    other = words_of(["timeout of 10.9.9.1:5432 at 2026-04-11 requests 1e2d3c4b5a69"])
    assert one == other == {"request": 1, "timeout": 1}
    assert words_of(["retried retries retrying"]) == {"retri": 1, "retry": 2}


def test_a_flood_of_words_is_cut() -> None:
    """However long a text is, so many words are kept of it and no more."""
    flood = " ".join(
        f"w{a}{b}x" for a in "abcdefghijklmnopqrstuvwxyz" for b in "abcdefghijklmnopqrst"
    )
    assert len(words_of([flood * 1_000])) == MAX_WORDS


@pytest.mark.parametrize(
    ("half", "precision", "recall"), [("choose", 0.92, 0.92), ("try", 0.81, 1.0)]
)
def test_the_threshold_is_as_good_as_its_source_says(
    half: str, precision: float, recall: float
) -> None:
    """On both halves of the labelled set the shipped number has the figures that are claimed."""
    known = parse_yaml(LABELLED.read_text(encoding="utf-8"), place="labelled")["incidents"]
    assert len(known) >= 60
    found = vectors({each["id"]: (each["title"], each["text"]) for each in known})
    least = shipped_terms().lexical_at_least
    pairs = [
        (likeness(found[one["id"]], found[other["id"]]) >= least, one["cause"] == other["cause"])
        for one, other in itertools.combinations([x for x in known if x["half"] == half], 2)
    ]
    hits = sum(told and same for told, same in pairs)
    assert hits / sum(told for told, _ in pairs) == pytest.approx(precision, abs=0.005)
    assert hits / sum(same for _, same in pairs) == pytest.approx(recall, abs=0.005)
