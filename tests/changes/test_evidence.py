"""Evidence and what it comes to: only a conclusive, fresh pass on this very content is one."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.made_changes import NOW, at, decided, evidence, manifest, with_gates

from pawl.base.errors import BadFile
from pawl.changes.evidence import Evidence, is_whole, read_statement, sealed, statement_of
from pawl.changes.gate import GateResult
from pawl.changes.verdict import Verdict

PLAN = manifest()


def lint(*pieces: Evidence, recorded: tuple[str, ...] = (), **gate: Any) -> GateResult:
    """Return what the lint gate says of pieces of evidence."""
    found = decided(evidence=pieces, recorded=recorded, policy=with_gates(lint=gate))
    return next(each for each in found.gates if each.gate == "lint")


def piece(verdict: Verdict = Verdict.PASS, number: int = 1, **other: Any) -> Evidence:
    return evidence(PLAN, "lint", verdict, number, **other)


def test_a_fresh_pass_on_this_content_is_one() -> None:
    """It is cited, and nothing was set aside."""
    found = lint(piece())
    assert (found.verdict, found.cites, found.set_aside) == (Verdict.PASS, ("lint-1",), ())


@pytest.mark.parametrize(
    ("fields", "gate", "words"),
    [
        ({"digest": "e" * 64}, {}, "It is about"),
        ({"base_digest": "e" * 64}, {}, "another base"),
        ({"produced_at": at(-3)}, {"max_age": "2h"}, "older than 2h"),
        ({"recorded_at": at(-3)}, {"max_age": "2h"}, "older than 2h"),
        ({"produced_at": at(2), "recorded_at": at(2)}, {}, "later than now"),
        ({}, {"producers": ("ci:github:2",)}, "not one the gate believes"),
    ],
)
def test_a_pass_that_does_not_count_is_told_and_blocks(
    fields: dict[str, Any], gate: dict[str, Any], words: str
) -> None:
    """Of another content or base, too old, of the future or of a stranger it is set aside."""
    found = lint(piece(**fields), **gate)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert words in found.set_aside[0].reason


def test_a_claim_of_youth_makes_nothing_younger() -> None:
    """What we saw three hours ago is three hours old, whatever it says of itself."""
    assert lint(piece(recorded_at=at(-3), produced_at=at(0)), max_age="2h").set_aside


def test_a_damaged_payload_is_no_pass() -> None:
    """A pass whose payload was altered since is set aside; a fail is not talked away like that."""
    altered = msgspec.structs.replace(piece(), payload={"findings": 0})
    assert not is_whole(altered)
    assert lint(altered).verdict is Verdict.INCONCLUSIVE
    failed = msgspec.structs.replace(piece(Verdict.FAIL), payload={"findings": 0})
    assert lint(failed).verdict is Verdict.FAIL


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_APPLICABLE])
def test_an_analysis_that_came_to_nothing_has_not_passed(verdict: Verdict) -> None:
    """However often it ran, without a conclusive verdict nothing is known."""
    found = lint(*(piece(verdict, number) for number in range(5)))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "conclusive" in found.reason


def test_too_little_data_is_no_pass() -> None:
    """A pass on fewer events than asked for, or on nobody knows how many, is inconclusive."""
    for events in (9, None):
        assert lint(piece(events=events), min_events=10).verdict is Verdict.INCONCLUSIVE
    assert lint(piece(events=10), min_events=10).verdict is Verdict.PASS
    assert lint(piece(Verdict.FAIL, events=1), min_events=10).verdict is Verdict.FAIL


def test_trying_until_it_passes_does_not_help() -> None:
    """Of one content a fail stays one; where a gate says so, the newest look counts instead."""
    tried = (piece(Verdict.FAIL, 1, recorded_at=at(-2)), piece(Verdict.PASS, 2))
    assert lint(*tried, several="all").verdict is Verdict.FAIL
    assert lint(*tried, several="newest").verdict is Verdict.PASS
    swapped = (piece(Verdict.PASS, 1, recorded_at=at(-2)), piece(Verdict.FAIL, 2))
    assert lint(*swapped, several="newest").verdict is Verdict.FAIL
    backdated = (piece(Verdict.PASS, 1, recorded_at=at(-2)),
                 piece(Verdict.FAIL, 2, produced_at=at(-99)))  # fmt: skip
    assert lint(*backdated, several="newest").verdict is Verdict.FAIL


def test_evidence_that_was_recorded_and_is_gone_blocks() -> None:
    """Losing a piece that the ledger knows of is never in the change's favour."""
    found = lint(piece(), recorded=("lint-1", "lint-2"))
    assert (found.verdict, found.cites) == (Verdict.INCONCLUSIVE, ("lint-2",))


def test_a_gate_may_do_without_data_only_by_saying_so() -> None:
    """No evidence at all is inconclusive, unless the gate declares that it asks for none."""
    assert lint().verdict is Verdict.INCONCLUSIVE
    assert lint(must_have_data=False).verdict is Verdict.NOT_APPLICABLE
    assert lint(recorded=("lint-1",), must_have_data=False).verdict is Verdict.INCONCLUSIVE


@given(st.sampled_from(Verdict), st.none() | st.integers(0, 10**6), st.text(max_size=5))
def test_a_statement_says_the_same_again(verdict: Verdict, events: int | None, text: str) -> None:
    """Evidence written as an in-toto statement and read again is the same evidence."""
    one = piece(verdict, events=events, payload={"text": text})
    again = read_statement(
        statement_of(one),
        identity=one.id,
        recorded_at=one.recorded_at,
        producer=one.producer,
        place="s",
    )
    assert again == one == sealed(one)


def test_who_produced_it_is_not_the_statements_word() -> None:
    """The producer is whoever was proved to hand it over, whatever the statement claims."""
    found = read_statement(
        statement_of(piece(producer="ci:trusted")),
        identity="x",
        recorded_at=NOW,
        producer="token:guest",
        place="s",
    )
    assert found.producer == "token:guest"


@pytest.mark.parametrize("without", ["_type", "subject", "predicateType", "predicate"])
def test_half_a_statement_is_a_bad_file(without: str) -> None:
    """A statement that lacks a part, or is of another type, is refused."""
    whole = statement_of(piece())
    for broken in (
        {key: value for key, value in whole.items() if key != without},
        {**whole, without: "other"},
        {**whole, without: []},
    ):
        with pytest.raises(BadFile):
            read_statement(broken, identity="x", recorded_at=NOW, producer="p", place="s")
