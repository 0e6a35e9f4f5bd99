"""Exports of operations: strict, line by line."""

import json
from typing import Any

import pytest

from pawl.base.errors import BadFile
from pawl.maturity.facts.operations import Action, Drill, Incident
from pawl.maturity.readers.operations import KINDS, read

FIRST: dict[str, Any] = {
    "kind": "export",
    "schema": "pawl.operations/1",
    "complete_since": "2026-01-01",
    "covers": ["incidents", "drills", "deploys"],
}


def lines(*objects: Any) -> str:
    return "\n".join(json.dumps(each) for each in (FIRST, *objects)) + "\n"


def test_things_that_happened() -> None:
    """Times become canonical, an incident's actions too; what a drill exercised is `drill`."""
    told = read(
        lines(
            {
                "kind": "incident",
                "id": "i1",
                "severity": 1,
                "opened_at": "2026-02-01T10:00:00+01:00",
                "actions": [{"id": "a1", "owned": True, "due": "2026-03-01"}],
            },
            {"kind": "drill", "drill": "chaos", "id": "d1", "at": "2026-02-02", "minutes": 4},
        ),
        "ops.jsonl",
    )
    assert told.incidents == (
        Incident(
            id="i1",
            severity=1,
            opened_at="2026-02-01T09:00:00.000000Z",
            actions=(Action(id="a1", owned=True, due="2026-03-01T00:00:00.000000Z"),),
        ),
    )
    assert told.drills == (
        Drill(id="d1", kind="chaos", at="2026-02-02T00:00:00.000000Z", minutes=4),
    )
    assert told.complete_since == "2026-01-01T00:00:00.000000Z"


def test_nothing_happened_is_not_nothing_exported() -> None:
    """What is covered and has no line is empty; what is not covered is unknown."""
    told = read(lines(), "ops.jsonl")
    assert told.incidents == ()
    assert told.deploys == ()
    assert told.alerts is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "incident", "id": "i", "severity": 1}, "opened_at"),
        ({"kind": "incident", "id": "i", "severity": 1, "opened_at": "soon"}, "no time"),
        ({"kind": "incident", "id": "i", "severity": 1, "opened_at": "2026-01-01", "x": 1}, "'x'"),
        ({"kind": "deploy", "id": "d", "at": "2026-01-01", "actor": "cat"}, "actor"),
        ({"kind": "alert", "rule": "r", "at": "2026-01-01"}, "covers"),
        ({"kind": "party"}, "party"),
        ({"kind": ["drill"]}, "drill"),
        ({"kind": "drill", "id": "d", "at": "2026-01-01"}, "kind"),
        (
            {
                "kind": "incident",
                "id": "i",
                "severity": 1,
                "opened_at": "2026-01-01",
                "actions": [{"id": "a", "owned": True, "blame": "bob"}],
            },
            "blame",
        ),
        ([], "object"),
    ],
)
def test_an_error_names_its_line(wrong: Any, says: str) -> None:
    """A missing, unknown or wrong field, a bad time and an unknown kind are errors of one line."""
    ok = {"kind": "deploy", "id": "d", "at": "2026-01-01"}
    with pytest.raises(BadFile) as refused:
        read(lines(ok, wrong), "ops.jsonl")
    assert refused.value.place == "ops.jsonl:3"
    assert says in refused.value.message


def test_the_first_line_is_the_exports_own() -> None:
    """Without it nobody could tell nothing from not looked."""
    for text in ("", '{"kind": "deploy"}', "{", '{"kind": "export", "schema": "other/1"}'):
        with pytest.raises(BadFile):
            read(text, "ops.jsonl")


def test_every_kind_has_a_section() -> None:
    """The kinds of lines and the sections of operations are the same things."""
    told = read(json.dumps(FIRST | {"covers": [name for name, _ in KINDS.values()]}), "o")
    for section, _ in KINDS.values():
        assert getattr(told, section) == ()
