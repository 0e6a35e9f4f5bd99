"""A noun whose verbs are imported only when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyVerbs(click.Group):
    """A group of verbs, each as (module in pawl.cli, its click command there, summary)."""

    def __init__(self, *given: Any, verbs: Mapping[str, tuple[str, str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._verbs:
            return None
        module, attribute, _ = self._verbs[cmd_name]
        command = getattr(importlib.import_module(f"pawl.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._verbs[name][2]) for name in self.list_commands(ctx)])
