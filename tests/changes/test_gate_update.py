"""Updates of a gates file: what stands elsewhere stays, and nothing becomes looser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile, CannotTell
from pawl.changes.gate_file import load_gates
from pawl.changes.gate_update import Looser, merged, read_update, shipped_text

FILE = """\
# Ours. Do not touch before asking the platform team.
schema: pawl.gates/1
version: "7"   # counted by hand
as_of: 2026-11-21
gates:
  # Approvals first.
  - id: approvals
    condition: approvals-are-given
    domain: security
    applies: {risk: [high]}   # only these
    with: {quorum: 1}
    source: >-
      Because of last spring:
      # this is no comment
      nobody had looked.
  # Evals next.

  - condition: evals-hold
    id: evals
    domain: quality
    max_age: 7d
    source: ours
    # The end of the evals.
  - {id: tests, condition: tests-pass, domain: quality, mode: dry-run, source: ours}
# The end.
"""
NEW = """\
schema: pawl.gate-update/1
gates:
  - id: refund-evals
    condition: evals-hold
    domain: safety
    source: The incident of the refunds.
    with: {sets: [refunds]}
"""


def comments(text: str) -> list[str]:
    """Return the comments of a text; one in a folded text counts too."""
    return [line.split("#", 1)[1] for line in text.splitlines() if "#" in line]


def test_a_new_gate_is_added_and_all_else_keeps_its_bytes() -> None:
    """The text before the end of the list, and the comment after it, are as they were."""
    done = merged(FILE, read_update(NEW, place="u"), place="gates.yaml")
    head, _, _ = FILE.partition("# The end.")
    assert done.text.startswith(head)
    assert done.text.endswith("# The end.\n")
    assert done.added == ("refund-evals",)
    gate = load_gates(done.text, place="x").gates[-1]
    assert (gate.id, gate.given) == ("refund-evals", {"sets": ["refunds"]})


@pytest.mark.parametrize(
    ("update", "field", "value"),
    [
        ("{id: evals, max_age: 3d}", "max_age", "3d"),
        ("{id: approvals, with: {quorum: 2}}", "given", {"quorum": 2}),
        ("{id: approvals, exceptable: false}", "exceptable", False),
        ("{id: tests, mode: enforce}", "mode", "enforce"),
        ("- {id: evals, min_events: 20}", "min_events", 20),
        ("gates: [{id: evals, domain: safety}]", "domain", "safety"),
        (
            "{id: approvals, source: Seen again in the spring.}",
            "source",
            "Seen again in the spring.",
        ),
        ("{id: approvals, applies: {risk: [high, medium]}}", "applies", None),
    ],
)
def test_a_standing_gate_is_tightened_in_its_place(update: str, field: str, value: object) -> None:
    """Only the field that was named changes, and every comment elsewhere is still there."""
    done = merged(FILE, read_update(update, place="u"), place="gates.yaml")
    (name,) = done.tightened
    before = {gate.id: gate for gate in load_gates(FILE, place="x").gates}
    after = {gate.id: gate for gate in load_gates(done.text, place="x").gates}
    assert list(before) == list(after)
    assert {each for each in before if before[each] != after[each]} == {name}
    if value is not None:
        assert getattr(after[name], field) == value
    gone = set(comments(FILE)) - set(comments(done.text))
    assert gone <= {" only these", " this is no comment"}
    assert done.text.count("\n  - ") == FILE.count("\n  - ")


@pytest.mark.parametrize(
    "update",
    [
        "{id: evals, max_age: 30d}",
        "{id: approvals, with: {quorum: 0}}",
        "{id: approvals, mode: dry-run}",
        "{id: approvals, moments: [start]}",
        "{id: approvals, applies: {risk: [high], works: [policy]}}",
        "{id: evals, condition: tests-pass}",
        "{id: evals, must_have_data: false}",
        "{id: new, condition: tests-pass, domain: quality, source: us, mode: dry-run}",
    ],
)
def test_what_loosens_is_refused(update: str) -> None:
    """Older passes, fewer approvals, fewer changes, or a gate that holds nothing up: none of it."""
    with pytest.raises(Looser):
        merged(FILE, read_update(update, place="u"), place="gates.yaml")


@pytest.mark.parametrize(
    "update",
    [
        "",
        "just words",
        "gates: []",
        "gates: 3",
        "{id: '', max_age: 3d}",
        "{id: evals, max_ages: 3d}",
        "gates: [{id: evals}, {id: evals}]",
        "schema: pawl.gate-update/2\ngates: [{id: evals, max_age: 3d}]",
        "a: &a [*a]",
        "gates: [" * 200,
    ],
)
def test_what_is_no_update_is_refused(update: str) -> None:
    """Text that is no YAML, or no list of gates, is told and changes nothing."""
    with pytest.raises(BadFile):
        read_update(update, place="u")


@pytest.mark.parametrize(
    "update",
    [
        "{id: unknown, max_age: 3d}",
        "{id: evals, max_age: soon}",
        "{id: x, condition: none-such, domain: quality, source: us}",
        "{id: x, condition: evals-hold, domain: quality, source: us, with: {set: [a]}}",
        "{id: x, condition: evals-hold, domain: quality, source: ' '}",
    ],
)
def test_a_gate_that_cannot_be_is_refused(update: str) -> None:
    """A gate that is not whole, or whose condition or arguments nobody knows, is a bad file."""
    with pytest.raises(BadFile):
        merged(FILE, read_update(update, place="u"), place="gates.yaml")


def test_a_list_in_one_line_is_left_to_people() -> None:
    """Where an edit would have to write the list anew, nothing is touched."""
    flow = 'schema: pawl.gates/1\nversion: "1"\nas_of: x\ngates: [{id: e, condition: evals-hold, '
    flow += "domain: quality, source: us}]\n"
    with pytest.raises(CannotTell):
        merged(flow, read_update(NEW, place="u"), place="gates.yaml")


def test_without_a_file_what_comes_with_pawl_stays() -> None:
    """The new file begins as a copy of our gates; one that dropped them would loosen everything."""
    done = merged(None, read_update(NEW, place="u"), place="gates.yaml")
    assert done.text.startswith(shipped_text().rstrip("\n"))
    ids = [gate.id for gate in load_gates(done.text, place="x").gates]
    assert ids == [
        *(gate.id for gate in load_gates(shipped_text(), place="x").gates),
        "refund-evals",
    ]


STRICTER = st.sampled_from(
    [
        "{id: evals, max_age: 3d}",
        "{id: approvals, with: {quorum: 2}}",
        "{id: tests, mode: enforce}",
        "{id: evals, min_events: 20}",
        NEW,
        "{id: spend, condition: cost-stays-within, domain: cost, source: us}",
    ]
)


@given(st.lists(STRICTER, max_size=6))
def test_told_twice_is_told_once_in_any_order(updates: list[str]) -> None:
    """Applying any updates again changes no byte, and the order of them changes no gate."""

    def put(texts: list[str], text: str) -> str:
        for each in texts:
            text = merged(text, read_update(each, place="u"), place="g").text
        return text

    once = put(updates, FILE)
    assert put(updates, once) == once
    back = put(updates[::-1], FILE)
    assert {g.id: g for g in load_gates(once, place="x").gates} == {
        g.id: g for g in load_gates(back, place="x").gates
    }
