"""The house budgets: small files, small functions, names that say something."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "pawl"
PYTHON = sorted(SOURCE.rglob("*.py"))

MODULE_LINES = 400
FUNCTION_LINES = 70
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "core"}

RAISED: dict[str, str] = {}
"""Module below src/pawl → why it may pass the wall. Each entry is a reviewed decision."""


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PYTHON, ids=_id)
def test_modules_fit_the_wall(path: Path) -> None:
    """A module of more than 400 lines does more than one thing."""
    lines = len(path.read_text().splitlines())
    assert lines <= MODULE_LINES or str(path.relative_to(SOURCE)) in RAISED, (
        f"{_id(path)} has {lines} lines; split it or argue in RAISED"
    )


@pytest.mark.parametrize("path", PYTHON, ids=_id)
def test_functions_fit_the_wall(path: Path) -> None:
    """A function of more than 70 lines cannot be read in one look."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{_id(path)}: {node.name} has {lines} lines"


@pytest.mark.parametrize("path", PYTHON, ids=_id)
def test_names_say_something(path: Path) -> None:
    """No module is named after nothing in particular."""
    assert path.stem not in FORBIDDEN_NAMES
    assert path.parent.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", PYTHON, ids=_id)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    """A module starts with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text())), f"{_id(path)} has no docstring"
