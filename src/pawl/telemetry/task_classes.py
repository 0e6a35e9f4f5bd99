"""Task classes: what kind of work a request was part of, declared in `task_classes.yaml`.

A class is read off facts (sub-agent, workflow, names of tools), never off what was said. It says
what a session did, not how hard that was: two sessions of one class may have nothing else in
common, and a shell that edits files counts as running commands.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.loading import load_yaml

CHANGE, COMMAND = "change", "command"


class TaskClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class; `tools` are the names that put a session into it."""

    id: str
    name: str
    rule: str
    tools: tuple[str, ...] = ()


class TaskClasses(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All classes, in the order in which they are tried."""

    schema: Literal["pawl.task-classes/1"]
    version: str
    as_of: str
    source: str
    classes: tuple[TaskClass, ...]

    def tools(self, identity: str) -> tuple[str, ...]:
        """Return the tool names of a class."""
        return next(each.tools for each in self.classes if each.id == identity)


@cache
def task_classes() -> TaskClasses:
    """Return the classes as they are declared."""
    text = (files("pawl.telemetry") / "task_classes.yaml").read_text()
    return load_yaml(text, TaskClasses, place="task_classes.yaml")
