"""The command line as a contract: lazy, complete, and quick to ask for help."""

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pawl.cli.main import COMMANDS

CLI = Path(__file__).resolve().parents[2] / "src" / "pawl" / "cli"
NOT_COMMANDS = {"__init__", "main", "exits"}
HEAVY = (
    "alembic", "asyncio", "clickhouse_connect", "duckdb", "httpx", "jinja2", "msgspec", "psycopg",
    "rich", "sqlalchemy", "starlette", "uvicorn", "yaml",
)  # fmt: skip
FORBIDDEN_FOR_HOOKS = (*HEAVY, "click", "pawl.store", "pawl.services", "subprocess", "typing")


_RUN = "import sys\nfrom pawl.__main__ import main\n"


def imported(code: str) -> set[str]:
    """Return the names of the modules a fresh interpreter holds after running code."""
    script = f"{code}\nimport sys\nprint('MODULES', *sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.rpartition("MODULES ")[2].split())


def test_help_imports_nothing_heavy() -> None:
    """`pawl --help` answers without any library but click."""
    modules = imported(f"{_RUN}sys.argv = ['pawl', '--help']\nmain()")
    assert "click" in modules
    assert modules.isdisjoint(HEAVY)


def test_the_hook_imports_no_store_and_no_parser() -> None:
    """An agent waits for the hook before every tool call, so it imports next to nothing."""
    modules = imported("import pawl.cli.hook")
    assert modules.isdisjoint(FORBIDDEN_FOR_HOOKS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_matches_its_line_in_the_table(name: str) -> None:
    """The summary shown by `pawl --help` is the first line of the command's own help."""
    module, summary = COMMANDS[name]
    command = importlib.import_module(f"pawl.cli.{module}").command
    assert isinstance(command, click.Command)
    assert (command.help or "").splitlines()[0] == summary


def test_every_command_module_is_in_the_table() -> None:
    """A file in cli/ that exposes a command can be reached."""
    files = {path.stem for path in CLI.glob("*.py")} - NOT_COMMANDS
    commands = {f for f in files if hasattr(importlib.import_module(f"pawl.cli.{f}"), "command")}
    assert commands == {module for module, _ in COMMANDS.values()}
