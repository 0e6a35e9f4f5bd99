"""What is like what: fingerprints that stay what they are, and an order that words cannot upset."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import at, declared, in_state

from pawl.incidents.incident import Incident, State
from pawl.incidents.similarity import Signature, fingerprint, normalised, similar

GOLDEN = json.loads((Path(__file__).parent / "fingerprints.json").read_text())
NOISY = st.lists(
    st.sampled_from(
        (
            "error ",
            '"',
            "'",
            "`",
            "12",
            "0xff",
            "a1b2c3d",
            "http://x.io/",
            "10.0.0.1",
            ":",
            ".",
            "2026-11-21T10:00:00Z",
            " ",
            "\n",
            "-",
            "é",
            "#",
            "@",
            "~",
            "db",
            "cache.internal",
        )
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_fingerprints_are_those_on_file(case: dict[str, str]) -> None:
    """On every version of Python, an error has the template and fingerprint that it always had."""
    assert normalised(case["error"]) == case["normalised"]
    signature = Signature(component="code/cache", error=case["error"])
    assert fingerprint(signature) == case["fingerprint"]


@given(st.one_of(NOISY, st.text(max_size=60)))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    """What came out comes out again, and is never longer than what went in."""
    once = normalised(text)
    assert normalised(once) == once
    assert len(once) <= len(text)


def test_what_is_new_each_time_changes_no_fingerprint() -> None:
    """Other numbers, ids, hosts, times and quotes are one error; another word is another."""
    one = "2026-11-21T10:00:01Z conn 17 to 10.0.0.3:6379 refused: 'MGET' (0x7ffe12) after 30s"
    two = "2026-11-22T23:59:59Z conn 4 to 10.9.0.8:6379 refused: 'SET k' (0x7aa) after 5s"
    assert normalised(one) == normalised(two)
    assert normalised(one) != normalised(one.replace("refused", "reset"))
    assert fingerprint(Signature(error=one, policy="p")) != fingerprint(Signature(error=one))
    assert fingerprint(Signature()) == ""


def old(name: str, **other: object) -> Incident:
    """Return an incident that was resolved."""
    return msgspec.structs.replace(in_state(State.ACTIONS_OPEN), id=name, **other)


def test_equal_fingerprints_come_first_then_causes_then_words() -> None:
    """However alike the words of others are, they push nothing down."""
    new = msgspec.structs.replace(
        declared("new", at(86_400)), fingerprint="fp:1:a", root_cause_key="rc:1:a"
    )
    exact = old("exact", fingerprint="fp:1:a", root_cause_key="")
    cause = old("cause", root_cause_key="rc:1:a")
    crowd = [old(f"word-{each}", root_cause_key="") for each in range(5)]
    words = {**{each.id: 1.0 for each in crowd}, "exact": 0.1}
    others = [*crowd, cause, new, exact]
    found = similar(new, others, words, repeat_days=180, words_at_least=0.5, most=4)
    assert [each.incident for each in found] == ["exact", "cause", "word-0", "word-1"]
    assert "fingerprint" in found[0].why


def test_a_dismissed_pair_is_not_proposed_again() -> None:
    """From neither side, however alike they are; nor is what was merged or declined."""
    new = msgspec.structs.replace(declared("new"), fingerprint="fp:1:a", dismissed=("one",))
    others = [
        old("one", fingerprint="fp:1:a"),
        old("two", fingerprint="fp:1:a", dismissed=("new",)),
        old("three", fingerprint="fp:1:a", state=State.MERGED),
        old("four", fingerprint="fp:1:a", state=State.DECLINED),
    ]
    assert similar(new, others, {}, repeat_days=180, words_at_least=0.5) == ()


def test_an_old_cause_is_no_repeat() -> None:
    """Of the same cause only what ended within the time looked back for is proposed."""
    cause = old("cause", root_cause_key="rc:1:a")
    for days, count in ((179, 1), (181, 0)):
        new = msgspec.structs.replace(declared("new", at(days * 86_400)), root_cause_key="rc:1:a")
        found = similar(new, [cause], {}, repeat_days=180, words_at_least=0.5)
        assert len(found) == count
