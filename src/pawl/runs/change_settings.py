"""What the data folder's `pawl.toml` says about rolling changes out and back: `[changes]`.

A repository's file of that name has no such section: whoever writes a change must not say which
program takes it to production.
"""

from typing import Annotated, Literal

import msgspec

from pawl.runs.config import ChangeSettings

Argv = Annotated[tuple[str, ...], msgspec.Meta(max_length=200)]


class ExecutorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[changes.executors.KIND]`; which keys count is said by the kind.

    `argv` is the program that brings a state about and `read_back` the one that prints what there
    is; for a webhook `read_back_url` is where that is asked. `secret` names an environment
    variable, `url` may be `env:NAME`.
    """

    argv: Argv = ()
    read_back: Argv = ()
    folder: str | None = None
    timeout: str | None = None
    url: str | None = None
    read_back_url: str | None = None
    secret: str | None = None
    repository: str | None = None
    branch: str | None = None
    push: str | None = None


class MachineChangeSettings(ChangeSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[changes]` of a machine: its executors by kind, and what its server does about changes.

    `repository` is the one whose protected branch holds policy and people. Without `rollouts` the
    server lets others look after what rolls out. `github` is whose deployments wait for an answer,
    such as `acme/shop`, `github_url` the API of a GitHub of one's own; `github_app` and
    `github_installation` are the numbers of the app that answers, and of where it is installed.
    """

    repository: str | None = None
    rollouts: bool = True
    github: str = ""
    github_url: str = ""
    github_app: int = 0
    github_installation: int = 0
    executors: dict[Literal["command", "git-revert", "webhook"], ExecutorSettings] = {}
