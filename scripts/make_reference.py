"""Write the generated pages of the reference, or check that they are current (`--check`).

The command line, the agents, the transcript formats, the error codes and the JSON Schemas are
documented by the code itself, once; these pages are that text in another place.
"""

import importlib
import inspect
import json
import pkgutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import msgspec

import pawl
import pawl.runs.agents
import pawl.telemetry.formats
from pawl.base.catalogue import names
from pawl.base.errors import PawlError
from pawl.cli.exits import OF_KIND, Exit
from pawl.cli.main import COMMANDS
from pawl.runs.record import RunRecord

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code; edit the code instead. -->\n"


def pages() -> dict[str, str]:
    """Return every generated page by its name below docs/reference."""
    return {
        "cli.md": _command_line(),
        "agents.md": _plugins(
            pawl.runs.agents,
            "Agents",
            "Adapters of `pawl run`: how each agent is started, watched and read.",
        ),
        "formats.md": _plugins(
            pawl.telemetry.formats,
            "Transcript formats",
            "What `pawl import` reads from each agent's own files.",
        ),
        "errors.md": _errors(),
        "schemas/run.json": _schema(RunRecord),
    }


def _command_line() -> str:
    exits = "\n".join(f"| {int(one)} | {one.name.lower().replace('_', ' ')} |" for one in Exit)
    parts = [
        f"# Command line\n\n{NOTE}\nEvery command answers with one of these statuses.\n",
        f"\n| status | meaning |\n|---|---|\n{exits}\n",
    ]
    for name in sorted(COMMANDS):
        command = importlib.import_module(f"pawl.cli.{COMMANDS[name][0]}").command
        parts.append(f"\n## pawl {name}\n\n{_help(command, ['pawl', name])}")
    return "".join(parts)


def _help(command: click.Command, path: list[str]) -> str:
    context = click.Context(
        command, info_name=" ".join(path), terminal_width=90, max_content_width=90
    )
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    parts = [f"```text\n{text}\n```\n"]
    if isinstance(command, click.Group):
        for verb in sorted(command.list_commands(context)):
            child = command.get_command(context, verb)
            assert child is not None
            parts.append(f"\n### {' '.join([*path, verb])}\n\n{_help(child, [*path, verb])}")
    return "".join(parts)


def _plugins(package: ModuleType, title: str, about: str) -> str:
    parts = [f"# {title}\n\n{NOTE}\n{about}\n"]
    for plugin in names(package):
        module = importlib.import_module(f"{package.__name__}.{plugin.replace('-', '_')}")
        parts.append(f"\n## {plugin}\n\n{inspect.cleandoc(module.__doc__ or '')}\n")
    return "".join(parts)


def _errors() -> str:
    for module in pkgutil.walk_packages(pawl.__path__, "pawl."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    rows: dict[str, str] = {}
    pending: list[type[PawlError]] = [PawlError]
    while pending:
        kind = pending.pop()
        pending.extend(kind.__subclasses__())
        meaning = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
        rows[kind.code] = f"| `{kind.code}` | {int(OF_KIND[kind.kind])} | {meaning} |"
    table = "\n".join(rows[code] for code in sorted(rows))
    return (
        f"# Errors\n\n{NOTE}\nEach expected failure has a code, an exit status, and a message that "
        f"names the place and the remedy.\n\n| code | exit | meaning |\n|---|---|---|\n{table}\n"
    )


def _schema(kind: type[msgspec.Struct]) -> str:
    def hook(unknown: type) -> dict[str, Any]:
        return {}

    return json.dumps(msgspec.json.schema(kind, schema_hook=hook), indent=1, sort_keys=True) + "\n"


def run(check: bool) -> int:
    """Write the pages, or return 1 and name those that are out of date."""
    stale = []
    for name, text in pages().items():
        path = REFERENCE / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(run("--check" in sys.argv[1:]))
