"""Mutation reports: what the tests noticed of what was changed."""

import json

import pytest

from pawl.base.errors import BadFile
from pawl.maturity.readers.mutation import read_elements, read_mutmut


def test_elements_count_only_what_ran() -> None:
    """A mutant without a test survived; one that did not compile or was ignored counts nowhere."""
    statuses = ["Killed", "Timeout", "Survived", "NoCoverage", "CompileError", "Ignored", "Pending"]
    mutants = [{"id": str(n), "status": status} for n, status in enumerate(statuses)]
    text = json.dumps(
        {
            "files": {"./src/a.ts": {"source": "x", "language": "ts", "mutants": mutants}},
            "schemaVersion": "1.7",
            "thresholds": {"high": 80, "low": 60},
            "framework": {"name": "StrykerJS"},
        }
    )
    told = read_elements(text, "m.json", "d")
    assert (told.killed, told.survived, told.tool) == (2, 2, "StrykerJS")
    assert told.files == ("src/a.ts",)


def test_mutmut() -> None:
    """Its statistics are counts; mutants that no test reached survived."""
    text = '{"killed": 5, "survived": 2, "total": 10, "no_tests": 2, "timeout": 1, "skipped": 0}'
    told = read_mutmut(text, "m.json", "d")
    assert (told.killed, told.survived) == (6, 4)


@pytest.mark.parametrize(
    "text",
    [
        '{"killed": -1, "survived": 2, "total": 10}',
        '{"killed": 9, "survived": 2, "total": 10}',
        '{"killed": 9}',
        "[]",
    ],
)
def test_counts_that_do_not_add_up(text: str) -> None:
    """Impossible counts are refused."""
    with pytest.raises(BadFile):
        read_mutmut(text, "m.json", "d")
