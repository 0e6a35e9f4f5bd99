"""Baselines and the quarantine: what is read, what is refused, and that text is determined."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.evals.baseline import (
    Baseline,
    baselines_digest,
    baselines_text,
    read_baselines,
)
from pawl.evals.quarantine import read_quarantine

ADDRESSES = tuple(f"{number:064x}" for number in range(4))


def baseline(**changed: Any) -> Baseline:
    """Return a baseline of three trials."""
    fields: dict[str, Any] = {
        "case": "release",
        "agent": "claude-code",
        "agent_version": "2.1.0",
        "passes": 2,
        "trials": 3,
        "case_digest": "a",
        "stimulus": "b",
        "assets": {"CLAUDE.md": "c"},
        "records": ADDRESSES[:3],
        "blessed_at": "2026-11-21T00:00:00.000000Z",
        "reason": "it is good",
        **changed,
    }
    return Baseline(**fields)


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_text_does_not_depend_on_the_order(names: list[str]) -> None:
    """The same baselines give the same file, which reads as what was written."""
    made = [baseline(case=name) for name in names]
    text = baselines_text(made)
    assert text == baselines_text(reversed(made))
    assert read_baselines(text, place="b").baselines == tuple(
        sorted(made, key=lambda each: each.case)
    )
    assert text.endswith("}\n")


def test_the_digest_binds_everything_but_the_entry() -> None:
    """An entry of the ledger can hold the digest of a file that names the entry."""
    before = baselines_digest([baseline()])
    assert baselines_digest([baseline(ledger="f" * 64)]) == before
    for name, value in {"passes": 3, "reason": "x", "assets": {}, "replaces": ("1",)}.items():
        assert baselines_digest([baseline(**{name: value})]) != before


@pytest.mark.parametrize(
    "changed",
    [
        {"passes": 4},
        {"passes": -1},
        {"trials": 2},
        {"records": (ADDRESSES[0],) * 3},
        {"records": ("../../x",) * 3},
        {"unknown": 1},
    ],
)
def test_what_cannot_be_is_refused_with_its_place(changed: dict[str, Any]) -> None:
    """Numbers that do not fit their records, twins and unknown keys do not load."""
    value = {**msgspec.to_builtins(baseline()), **changed}
    text = msgspec.json.encode({"schema": "pawl.eval-baselines/1", "baselines": [value]}).decode()
    with pytest.raises(BadFile) as caught:
        read_baselines(text, place="baselines.json")
    assert caught.value.place.startswith("baselines.json")


def test_a_key_stands_once() -> None:
    """Two baselines of one case on one key are refused."""
    text = baselines_text([baseline(), baseline(passes=1)])
    with pytest.raises(BadFile, match="twice"):
        read_baselines(text, place="b")


def test_a_quarantine_needs_owner_reason_and_last_day() -> None:
    """Each part is asked for; the file may be empty."""
    line = "- {case: a, owner: kim, expires: 2026-12-01, reason: flaky since the move}\n"
    found = read_quarantine(line, place="q")
    assert found["a"].owner == "kim"
    assert found["a"].expires.isoformat() == "2026-12-01"
    assert read_quarantine("# nothing\n", place="q") == {}


@pytest.mark.parametrize(
    "text",
    [
        "- {case: a, owner: kim, expires: 2026-12-01, reason: ' '}",
        "- {case: a, owner: ' ', expires: 2026-12-01, reason: x}",
        "- {case: a, owner: kim, expires: soon, reason: x}",
        "- {case: a, owner: kim, reason: x}",
        "- {case: a, owner: kim, expires: 2026-12-01, reason: x, until: y}",
        "{case: a}",
        "- [",
        "- {case: a, owner: k, expires: 2026-12-01, reason: x}\n" * 2,
    ],
)
def test_a_quarantine_without_a_part_is_refused(text: str) -> None:
    """The error names the file."""
    with pytest.raises(BadFile) as caught:
        read_quarantine(text, place="quarantine.yaml")
    assert caught.value.place.startswith("quarantine.yaml")
