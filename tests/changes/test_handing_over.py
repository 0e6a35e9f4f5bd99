"""Files that somebody hands over as evidence, of tools and of Pawl's own commands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile, BadValue
from pawl.changes.evidence import Evidence, is_whole, statement_of
from pawl.changes.handing_over import FORMS, For, piece_of, set_of_file
from pawl.changes.verdict import Verdict

AT = "2026-11-21T12:00:00.000000Z"
BOUND = For("d" * 64, "b" * 64, AT, "git:ada@example.com")
SETS = {"cases": "1" * 64, "recurrence": "2" * 64}
LINT = {
    "schema": "pawl.lint/1", "failing": 0, "fail_at": "high", "looked_at": {"skill": 2},
    "unread": [], "unseen": [], "failed_rules": {},
}  # fmt: skip
EVAL: dict[str, Any] = {
    "schema": "pawl.eval/1", "verdict": "pass", "policy_digest": "p", "suite": {"trials": 12},
    "cases": [{"file": ".pawl/evals/recurrence/a.yaml"}, {"file": ".pawl/evals/b.yaml"}],
    "reasons": [{"case": "a", "text": "held"}],
}  # fmt: skip


def piece(said: object, **more: str) -> Evidence:
    """Return the piece that a JSON value is."""
    return piece_of(json.dumps(said).encode(), BOUND, SETS, place="f", **more)


def test_a_result_binds_to_what_it_is_handed_over_for() -> None:
    """Its digests, its producer and its time are those of whoever hands it over."""
    found = piece(LINT)
    assert (found.digest, found.base_digest) == (BOUND.digest, BOUND.base_digest)
    assert (found.producer, found.produced_at) == (BOUND.producer, AT)
    assert is_whole(found)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({}, Verdict.PASS),
        ({"failing": 1}, Verdict.FAIL),
        ({"failing": 1, "unread": ["x"]}, Verdict.FAIL),
        ({"unread": ["x"]}, Verdict.INCONCLUSIVE),
        ({"unseen": ["x"]}, Verdict.INCONCLUSIVE),
        ({"failed_rules": {"r": "broke"}}, Verdict.INCONCLUSIVE),
        ({"looked_at": {}}, Verdict.INCONCLUSIVE),
    ],
)
def test_a_lint_that_did_not_look_at_all_is_no_pass(said: dict[str, Any], verdict: Verdict) -> None:
    """A no is one even of half a look, and a yes only of a whole one."""
    assert piece({**LINT, **said}).verdict is verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("pass", Verdict.PASS), ("regress", Verdict.FAIL), ("no-baseline", Verdict.INCONCLUSIVE)],
)
def test_a_suite_is_evidence_of_the_sets_that_ran(said: str, verdict: Verdict) -> None:
    """Only the sets of its own cases, with the digests of the commit that was run."""
    found = piece({**EVAL, "verdict": said})
    assert (found.kind, found.verdict, found.events) == ("evals", verdict, 12)
    assert found.payload["sets"] == SETS
    only = piece({**EVAL, "cases": EVAL["cases"][1:]})
    assert only.payload["sets"] == {"cases": SETS["cases"]}


def test_a_statement_keeps_its_own_digests_and_not_its_producer() -> None:
    """It says what it is about; who made it is who handed it over."""
    made = piece_of(json.dumps(LINT).encode(), BOUND._replace(digest="e" * 64), SETS, place="f")
    found = piece(statement_of(made))
    assert found.digest == "e" * 64
    assert found.producer == BOUND.producer
    with pytest.raises(BadValue, match="says itself"):
        piece(statement_of(made), kind="tests")


def test_a_kind_can_be_named_for_another_tools_result() -> None:
    """A scanner's SARIF may be a lint."""
    sarif = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": []}]}
    assert piece(sarif).kind == "policy-checks"
    assert piece(sarif, kind="lint").kind == "lint"


def test_a_form_that_nobody_knows_is_refused() -> None:
    """And the forms that are known are told."""
    with pytest.raises(BadValue) as caught:
        piece(LINT, form="yaml")
    assert all(form in caught.value.hint for form in FORMS)


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_odd_bytes_never_pass(text: bytes) -> None:
    """Whatever is handed over, it is refused or rests on nothing: never a pass, and no defect."""
    try:
        found = piece_of(text, BOUND, SETS, place="f")
    except BadFile:
        return
    assert found.verdict is not Verdict.PASS


@pytest.mark.parametrize("form", [form for form in FORMS if form != "statement"])
@pytest.mark.parametrize("said", [{}, [], None, 1, "x", {"cases": [1]}, {"failing": "many"}])
def test_a_named_form_that_it_does_not_have_is_refused(form: str, said: object) -> None:
    """A file of another form is no pass of this one."""
    try:
        found = piece(said, form=form)
    except BadFile:
        return
    assert found.verdict is not Verdict.PASS


def test_files_of_cases_are_grouped_as_the_sets_are() -> None:
    """A folder below the evals is a set; files beside the folders are `cases`."""
    assert set_of_file(".pawl/evals/recurrence/x/y.yaml") == "recurrence"
    assert set_of_file(".pawl/evals/x.yaml") == "cases"
