"""Wiring of `pawl lint`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pawl.assets.lint import Found, Linted
    from pawl.assets.rule import Rule
    from pawl.world.working_tree import WorkingTree


def lint_rules() -> Mapping[str, Rule]:
    """Return every rule by its id, third-party ones included."""
    from pawl.app import all_plugins
    from pawl.assets import rules
    from pawl.assets.rule import Rule

    return all_plugins(rules, "RULE", Rule)


class Linting:
    """One tree to lint. `paths` are files and folders of one repository."""

    def __init__(self, paths: Sequence[Path]) -> None:
        from pawl.base.errors import BadValue
        from pawl.world.working_tree import WorkingTree

        first = paths[0] if paths else Path()
        for path in paths or [first]:
            if not path.exists():
                raise BadValue("there is no such file or folder.", place=str(path))
        self.rules = lint_rules()
        self.tree: WorkingTree = WorkingTree(first if first.is_dir() else first.parent)
        self._below = [self._relative(path) for path in paths]

    def lint(
        self,
        *,
        base: str | None = None,
        fail_at: str | None = None,
        merge: Sequence[Path] = (),
        tools: str | None = None,
    ) -> Linted:
        """Return what is found; with a `base`, only what is new since that revision.

        `merge` are SARIF files of other tools, `tools` says which are run beside our rules.
        """
        from pawl.app import now
        from pawl.services.linting import lint_files
        from pawl.services.merging import asked_tools
        from pawl.world.other_tools import OtherTools
        from pawl.world.working_tree import CommitFiles

        asked = None if tools is None else asked_tools(tools)
        given = {str(path): _findings_of(path) for path in merge}
        before = None if base is None else CommitFiles(self.tree.top, base)
        try:
            return lint_files(
                self.tree,
                self.rules,
                today=now()[:10],
                paths=[] if "" in self._below else self._below,
                base=before,
                fail_at=fail_at,
                merge=given,
                top=str(self.tree.top),
                tools=OtherTools(self.tree.top, os.environ),
                tools_asked=asked,
            )
        finally:
            if before is not None:
                before.close()

    def fix(self, linted: Linted, *, unsafe: bool) -> tuple[Found, ...]:
        """Write the fixes and return the findings that they mended."""
        from pawl.services.linting import fix

        return fix(self.tree, self.tree, linted, self.rules, unsafe=unsafe)

    def write_baseline(self, linted: Linted) -> Path:
        """Write the baseline and return its path."""
        from pawl.services.linting import BASELINE, baseline_text

        self.tree.write(BASELINE, baseline_text(linted.findings))
        return self.tree.top / BASELINE

    def _relative(self, path: Path) -> str:
        from pawl.base.errors import BadValue

        # Not resolved: a link is looked at as what it is, and never followed.
        told = os.path.relpath(os.path.abspath(path), self.tree.top)
        if told.startswith(".."):
            raise BadValue(
                f"is not in the repository of {self.tree.top}.",
                place=str(path),
                hint="Lint one repository at a time.",
            )
        return "" if told == "." else told.replace(os.sep, "/")


def _findings_of(path: Path) -> bytes:
    """Return a file that another tool wrote, no more of it than is ever read."""
    from pawl.assets.other_tools import MAX_BYTES
    from pawl.base.errors import BadFile

    try:
        if not path.is_file():
            raise BadFile("is no file.", place=str(path), hint="Name a SARIF file.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}.", place=str(path)) from error
