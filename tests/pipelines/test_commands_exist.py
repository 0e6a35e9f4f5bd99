"""What generated scripts ask of Pawl, this Pawl understands: commands, verbs and options."""

import importlib

import click
import pytest
from tests.pipelines.made import VARIANTS, made, scripts

from pawl.assets.shell_commands import commands_of
from pawl.cli.main import COMMANDS
from pawl.parsing.ci.commands import program
from pawl.pipelines.pattern import Host

EXPECTED = {
    "review": {"ci agent", "review", "review post"},
    "gate": {"lint", "eval grade"},
    "batch": {"ci agent", "batch"},
    "risk-report": {"lint", "assess", "budgets", "alerts list"},
}


def calls(script: str) -> list[tuple[str, ...]]:
    """Return the words of each call of Pawl in a script; the report's go through a function."""
    found = []
    for command in commands_of(script):
        words = command.texts
        if len(words) < 2:
            continue
        if program(words[0]) == "pawl" and words[1] != "$@":
            found.append(words[1:])
        elif words[0] == "say":
            found.append(words[2:])
    return found


def understood(words: tuple[str, ...]) -> str:
    """Return the command and verb that a call names; fails for an option that it does not have."""
    module, _ = COMMANDS[words[0]]
    command = importlib.import_module(f"pawl.cli.{module}").command
    name, rest = words[0], words[1:]
    if isinstance(command, click.Group) and rest and rest[0] in command.commands:
        command, name, rest = command.commands[rest[0]], f"{name} {rest[0]}", rest[1:]
    known = {option for each in command.params for option in each.opts}
    own = rest[: rest.index("--")] if "--" in rest else rest
    for word in own:
        if word.startswith("--"):
            assert word.partition("=")[0] in known, f"pawl {name} has no {word}"
    return name


@pytest.mark.parametrize(("pattern", "host", "agent"), VARIANTS)
def test_commands_and_options_are_known(pattern: str, host: Host, agent: str | None) -> None:
    """Each pattern calls the commands that it is made of, with options that they have."""
    found = [
        words for script in scripts(made(pattern, host, agent=agent)) for words in calls(script)
    ]
    assert {understood(words) for words in found} == EXPECTED[pattern]
