"""Every fault in its sandbox: a case that holds, one that does not, one that nobody can tell."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

import pawl.services.faults
from pawl.base.catalogue import load, names
from pawl.base.loading import load_yaml
from pawl.incidents.drill import (
    AbortRules,
    Drill,
    Expectation,
    Fault,
    Kind,
    Outcome,
    judged,
    verdict_of,
)
from pawl.services.drill_fault import FaultKind, parameters_of
from pawl.services.drill_sandbox import Sandbox
from pawl.world.drill_place import drill_place

CASES = Path(__file__).parent / "cases"


class Bound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure with its bound."""

    measure: str
    at_least: float | None = None
    at_most: float | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case of a fault."""

    name: str
    parameters: dict[str, bool | int | float | str]
    outcome: Outcome
    expect: tuple[Bound, ...]


class CaseFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of a fault; `heavy` says that they take some seconds."""

    heavy: bool
    cases: tuple[Case, ...]


def _file(plugin: str) -> CaseFile:
    path = CASES / f"{plugin}.yaml"
    return load_yaml(path.read_text(), CaseFile, place=path.name)


def _every() -> list[Any]:
    found = []
    for plugin in names(pawl.services.faults):
        read = _file(plugin)
        marks = [pytest.mark.heavy] if read.heavy else []
        found += [
            pytest.param(plugin, case, id=f"{plugin}: {case.name}", marks=marks)
            for case in read.cases
        ]
    return found


@pytest.mark.parametrize(("plugin", "case"), _every())
def test_a_case_goes_as_it_says(plugin: str, case: Case) -> None:
    """The fault is caused for real, and what it measures meets the bounds or not as expected."""
    kind = load(pawl.services.faults, plugin, "FAULT", FaultKind)
    drill = Drill(
        id="a-case",
        title=case.name,
        kind=Kind.CHAOS,
        hypothesis=case.name,
        run_by="tester",
        fault=Fault(plugin=plugin, parameters=case.parameters),
        expectations=tuple(
            Expectation(
                id=each.measure,
                claim=each.measure,
                measure=each.measure,
                unit=kind.measures[each.measure].unit,
                at_least=each.at_least,
                at_most=each.at_most,
            )
            for each in case.expect
        ),
        abort=AbortRules(after_s=120),
    )
    with drill_place("drl_test") as place:
        sandbox = Sandbox(place, drill.abort)
        try:
            kind.cause(sandbox, parameters_of(drill, {plugin: kind}))
        finally:
            sandbox.close()
        folder = place.folder
    results = tuple(judged(each, sandbox.measured.get(each.measure)) for each in drill.expectations)
    assert verdict_of(results) is case.outcome, (results, sandbox.notes)
    assert not folder.exists()
    assert set(sandbox.measured) <= set(kind.measures)


@pytest.mark.parametrize("plugin", names(pawl.services.faults))
def test_every_fault_has_all_three_cases(plugin: str) -> None:
    """One that is met, one that is not, one in which nobody can tell."""
    assert {case.outcome for case in _file(plugin).cases} == set(Outcome)


@pytest.mark.parametrize("plugin", names(pawl.services.faults))
def test_a_fault_documents_what_can_be_set_and_what_is_measured(plugin: str) -> None:
    """Each parameter and measure says what it is, and the docstring says what is caused."""
    kind = load(pawl.services.faults, plugin, "FAULT", FaultKind)
    assert kind.measures
    assert all(each.says and each.unit for each in kind.measures.values())
    assert all(each.says for each in kind.parameters.values())
