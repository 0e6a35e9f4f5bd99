"""Every rule on its cases: what it hits with the lines, what it passes over, what its fix leaves.

A case in `tests/assets/rules/cases/<rule>.yaml` names files and, below `hits`, the places that the
rule must tell of: `path:line`, no more and no fewer. `misses` hit nothing. `fixed` are the files as
they are after the rule's edits; a second look at them must find nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.edits import apply
from pawl.assets.rule import Rule
from pawl.base.catalogue import load, names
from pawl.base.loading import load_yaml

CASES = Path(__file__).parent / "rules" / "cases"
RULES = names(pawl.assets.rules)


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tree. `says` must stand in the first message; `programs` are executable files."""

    name: str
    files: dict[str, str]
    hits: tuple[str, ...] = ()
    says: str = ""
    severity: str = ""
    programs: tuple[str, ...] = ()
    base: dict[str, str] | None = None
    fixed: dict[str, str] | None = None


class Cases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of one rule."""

    hits: tuple[Case, ...]
    misses: tuple[Case, ...]


def cases(rule: str) -> Cases:
    path = CASES / f"{rule}.yaml"
    return load_yaml(path.read_text(encoding="utf-8"), Cases, place=str(path))


ALL = [
    pytest.param(rule, case, bool(case.hits), id=f"{rule}: {case.name}")
    for rule in RULES
    if (CASES / f"{rule}.yaml").exists()
    for case in (*cases(rule).hits, *cases(rule).misses)
]


@pytest.mark.parametrize(("rule", "case", "hits"), ALL)
def test_a_rule_tells_of_just_that(rule: str, case: Case, hits: bool) -> None:
    """A rule hits each place that its case names, once, and nothing else."""
    plugin = load(pawl.assets.rules, rule, "RULE", Rule)
    found = list(plugin.check(assets(case.files, case.programs, case.base)))
    assert sorted(f"{hit.path}:{hit.line}" for hit in found) == sorted(case.hits)
    if hits:
        assert any(case.says in hit.message for hit in found), [hit.message for hit in found]
        if case.severity:
            assert {str(hit.severity or plugin.severity) for hit in found} == {case.severity}
    if case.fixed is not None:
        assert plugin.fix != "none"
        files: Mapping[str, Any] = apply(case.files, [e for hit in found for e in hit.edits])
        assert files == {**case.files, **case.fixed}
        assert not list(plugin.check(assets(files, case.programs, case.base)))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_proved_and_sourced(rule: str) -> None:
    """A rule has cases of both kinds, a source, a day of the look, and says what to do instead."""
    plugin = load(pawl.assets.rules, rule, "RULE", Rule)
    held = cases(rule)
    assert held.hits
    assert held.misses
    assert all(case.hits for case in held.hits)
    assert not any(case.hits for case in held.misses)
    assert plugin.source.startswith("https://") or plugin.source.startswith("observed with ")
    assert len(plugin.as_of) == 10
    assert plugin.title[0].isupper()
    assert plugin.hint.endswith(".")
    module = __import__(f"pawl.assets.rules.{rule.replace('-', '_')}", fromlist=["RULE"])
    documentation = module.__doc__ or ""
    assert "\nBad: " in documentation
    assert "\nInstead: " in documentation
