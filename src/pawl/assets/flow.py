"""What a pipeline is: jobs of steps, with triggers, permissions and variables, in one shape.

Values are kept whole: a prompt is long, and what matters may stand at its end.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.assets.asset import Asset
from pawl.parsing.lined_yaml import Lined, PathKey


class Origin(msgspec.Struct, frozen=True):
    """Where a step stands that a workflow got by calling another file of the same repository."""

    path: str
    line: int | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `where` is its path in the document, for the lines of what is in it.

    `run_lines` are the lines of its script, where they do not follow one another. A step with an
    `origin` stands in another file, and its lines here are those of the call.
    """

    at: int
    where: PathKey
    line: int | None
    id: str = ""
    name: str = ""
    uses: str = ""
    ref: str = ""
    inputs: dict[str, str] = {}
    run: str = ""
    shell: str = ""
    env: dict[str, str] = {}
    condition: str = ""
    continue_on_error: str = ""
    values: dict[str, Any] = {}
    run_line: int | None = None
    run_lines: tuple[int, ...] = ()
    origin: Origin | None = None

    @property
    def is_powershell(self) -> bool:
        """Say whether PowerShell reads its script."""
        return self.shell.partition(" ")[0] in ("pwsh", "powershell")

    def line_of(self, number: int) -> int | None:
        """Return the line of the file on which a line of its script stands, from 1."""
        if self.origin is not None or self.run_line is None:
            return self.line
        if self.run_lines:
            return self.run_lines[min(number, len(self.run_lines)) - 1]
        return self.run_line + number - 1


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job. `permissions` are those that hold for it: its own, the workflow's, or None.

    `events` are those that start it, where they are not those of its whole file (GitLab).
    """

    id: str
    where: PathKey
    line: int | None
    condition: str = ""
    permissions: dict[str, str] | None = None
    own_permissions: bool = False
    environment: str = ""
    needs: tuple[str, ...] = ()
    outputs: dict[str, str] = {}
    uses: str = ""
    ref: str = ""
    timeout: Any = None
    concurrency: bool = False
    env: dict[str, str] = {}
    steps: tuple[Step, ...] = ()
    values: dict[str, Any] = {}
    events: tuple[str, ...] | None = None


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """One pipeline. `problem` says why it could not be read; there are no jobs then.

    `filters` restrict its triggers, as `issue_comment.types` → `("created",)`. `inputs` are the
    defaults of what a caller may hand to it.
    """

    asset: Asset
    text: str
    lined: Lined | None = None
    problem: str = ""
    problem_line: int | None = None
    name: str = ""
    triggers: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = {}
    concurrency: bool = False
    env: dict[str, str] = {}
    inputs: dict[str, str] = {}
    jobs: tuple[Job, ...] = ()

    @property
    def path(self) -> str:
        """The file's path."""
        return self.asset.path

    @property
    def is_action(self) -> bool:
        """Say whether it is an action that workflows call, and no workflow itself."""
        return self.asset.name in ("action.yml", "action.yaml")

    def line(self, *path: str | int) -> int | None:
        """Return the line of a value of the document, or of what is nearest around it."""
        return None if self.lined is None else self.lined.line(*path)

    def steps(self) -> Iterator[tuple[Job, Step]]:
        """Yield each step with its job, in order."""
        for job in self.jobs:
            for step in job.steps:
                yield job, step
