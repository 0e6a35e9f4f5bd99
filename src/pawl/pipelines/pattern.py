"""What a pattern of a pipeline is: a trigger, what is done, what comes out, who decides."""

from enum import StrEnum

import msgspec


class Host(StrEnum):
    """A code host that runs pipelines."""

    GITHUB = "github"
    GITLAB = "gitlab"


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """One pattern. Its templates are `<name>.<host>.yml` in the package that `templates` names.

    `takes` are the options that mean something for it, by their names in `Options`, beyond those
    that every pattern takes.
    """

    title: str
    trigger: str
    action: str
    output: str
    decision: str
    runs_agent: bool
    takes: frozenset[str]
    templates: str = "pawl.pipelines.patterns"
