"""What an extract declares about names and endings only saves asking: it hides no file."""

import re
from functools import cache
from pathlib import Path

import pytest
from tests.maturity.told import extracts

from pawl.maturity.facts.tree import TreeFile
from pawl.maturity.reading import Candidates

CASES = Path(__file__).parents[1] / "probes" / "cases"
PATH = re.compile(r"^ +\"?([\w@/-]*\.[\w.@/-]+|[\w./-]*[A-Z]\w+)\"?: ", re.MULTILINE)
"""A file as a probe's case names it."""


@cache
def candidates() -> tuple[list[TreeFile], Candidates]:
    """Every path of every probe's cases, as it is, below folders, in capitals, and bare."""
    named = {path for case in CASES.glob("*.yaml") for path in PATH.findall(case.read_text())}
    named |= {"docs/postmortems/2026-01.md", "Procfile.dev", "vitest.config.mts", "a.service"}
    for declared in extracts().values():
        named |= {*declared.names, *declared.suffixes, *(f"a{it}" for it in declared.suffixes)}
    varied = {
        form
        for path in named
        for form in (path, f"deep/er/{path}", path.upper(), path.rpartition("/")[2], f"x{path}")
    }
    files = [TreeFile(path, 1000, "1") for path in sorted(varied)]
    return files, Candidates(files)


@pytest.mark.parametrize("name", sorted(extracts()))
def test_no_wanted_file_is_left_out(name: str) -> None:
    """Whatever an extract wants of a thousand paths is among its candidates."""
    extract = extracts()[name]
    files, index = candidates()
    wanted = [file.path for file in files if extract.wants(file)]
    asked = {file.path for file in index.of(extract)}
    assert wanted, "no path of the corpus is wanted: name one in a case"
    assert asked.issuperset(wanted)
