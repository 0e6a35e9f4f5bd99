"""Which workflows can be stopped by one of Pawl's own commands."""

import pytest
from tests.maturity.told import facts

from pawl.maturity.facts import Absent
from pawl.maturity.looking.own_gates import holding

PATH = ".github/workflows/gate.yml"


def gates(run: str, *, on: str = "pull_request", job: str = "", **files: str) -> tuple[str, ...]:
    """Return the workflows in which `pawl lint` holds."""
    text = f"on: {on}\njobs:\n  a:\n    runs-on: x\n{job}    steps:\n      - run: {run}\n"
    tree = facts({PATH: text, **files}).tree
    assert not isinstance(tree, Absent)
    return holding(tree, "lint")


@pytest.mark.parametrize(
    "run", ["pawl lint", "uv run pawl lint --diff origin/main", "bin/pawl lint"]
)
def test_a_command_that_can_stop_a_change_holds(run: str) -> None:
    """By itself, through a runner, or by its path."""
    assert gates(run) == (PATH,)


@pytest.mark.parametrize(
    "run",
    ["pawl lint || true", "pawl lint | tee a.txt", "pawl eval grade", "echo pawl lint", "ruff"],
)
def test_another_command_or_one_that_lets_pass_does_not(run: str) -> None:
    """A failure that is hidden stops nothing, and printing a command runs none."""
    assert gates(f'"{run}"') == ()


def test_a_job_that_may_fail_or_that_changes_do_not_start_does_not() -> None:
    """A gate that is not asked, or not heard, is none."""
    assert gates("pawl lint", on="workflow_dispatch") == ()
    assert gates("pawl lint", job="    continue-on-error: true\n") == ()


def test_a_target_counts_by_its_recipe() -> None:
    """Behind make the recipe decides, not the target's name."""
    assert gates("make agents-lint", Makefile="agents-lint:\n\tpawl lint\n") == (PATH,)
    assert gates("make agents-lint", Makefile="agents-lint:\n\truff check\n") == ()
