"""A CI configuration in one shape for GitHub Actions, composite actions and GitLab CI."""

from typing import Literal

import msgspec

Gate = Literal["test", "lint", "type", "security", "build", "agents"]
"""What a command checks; `agents` are the files that steer agents, and their eval cases."""


class GateCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command that can turn a build red, and why it would not.

    `task` names the target it hides behind, as `runner:target` (`make:test`, `npm:lint`).
    """

    gate: Gate
    command: str
    line: int | None = None
    swallowed: str | None = None
    task: str | None = None


class AgentCall(msgspec.Struct, frozen=True, kw_only=True):
    """An agent at work in a step, and the limits it was given. None: none was.

    `structured` says that its output is asked for as JSON; `supervised` that Pawl runs it.
    """

    product: str
    line: int | None = None
    max_turns: int | None = None
    max_usd: float | None = None
    timeout_minutes: float | None = None
    structured: bool = False
    supervised: bool = False
    swallowed: str | None = None


class Install(msgspec.Struct, frozen=True, kw_only=True):
    """A command that installs dependencies. `frozen` says that it takes the lock as it is."""

    manager: str
    frozen: bool
    line: int | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `gate` is the weightiest of its gates; `swallowed` why its failure would not count.

    `uses` is an action without its version, `ref` the version after the `@`. `deploys` names
    where the step delivers to. `problem` says why its script could not be followed; no gate in
    it counts then.
    """

    line: int | None = None
    name: str = ""
    run: str = ""
    shell: str = ""
    uses: str = ""
    ref: str = ""
    inputs: dict[str, str] = {}
    env: dict[str, str] = {}
    condition: str = ""
    continue_on_error: bool = False
    timeout_minutes: float | None = None
    gate: Gate | None = None
    swallowed: str | None = None
    advisory: bool = False
    """Its name or its job's says that it only informs."""
    gates: tuple[GateCommand, ...] = ()
    agent: AgentCall | None = None
    installs: tuple[Install, ...] = ()
    deploys: str | None = None
    problem: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job. `permissions` is None when it declares none; `{"*": "write"}` is write-all.

    `continue_on_error` keeps the job's own check red while dependants and the pipeline see
    success. `never` says why it cannot run at all. `images` are those of its container and
    services. `uses` and `ref` name a workflow that it calls.
    """

    id: str
    line: int | None = None
    name: str = ""
    permissions: dict[str, str] | None = None
    continue_on_error: bool = False
    condition: str = ""
    never: str | None = None
    manual: bool = False
    needs: tuple[str, ...] = ()
    environment: str = ""
    runs_on: str = ""
    timeout_minutes: float | None = None
    images: tuple[str, ...] = ()
    uses: str = ""
    ref: str = ""
    inherits_secrets: bool = False
    env: dict[str, str] = {}
    steps: tuple[Step, ...] = ()

    @property
    def blocks(self) -> bool:
        """Say whether a red step of this job turns the pipeline red."""
        return not self.continue_on_error and self.never is None


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """One file of CI configuration.

    `triggers` are the events that start it; `filters` their restrictions, as
    `push.branches` → `("main",)`. `problem` says why the file could not be read.
    """

    product: Literal["github", "github-action", "gitlab"]
    name: str = ""
    triggers: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = {}
    permissions: dict[str, str] | None = None
    env: dict[str, str] = {}
    jobs: tuple[Job, ...] = ()
    includes: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def on_changes(self) -> bool:
        """Say whether a proposed change starts it: its request, or a push to any branch."""
        asked = {"pull_request", "pull_request_target", "merge_group", "merge_request_event"}
        limited = {"push.branches", "push.tags"} & set(self.filters)
        return bool(asked & set(self.triggers)) or ("push" in self.triggers and not limited)
