"""CI configuration: GitHub workflows, composite actions, GitLab CI.

Each step says which of its commands can turn the build red and why one would not, which agent it
runs within which limits, what it installs and where it delivers to. A file that cannot be read
says so and earns nothing.
"""

from pathlib import PurePosixPath
from typing import Literal

from pawl.base.errors import BadFile
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.ci.github import read_action, read_workflow
from pawl.parsing.ci.gitlab import read_gitlab
from pawl.parsing.ci.pipeline import (
    AgentCall,
    Gate,
    GateCommand,
    Install,
    Job,
    Step,
    Workflow,
)
from pawl.parsing.lined_yaml import read_lined


def _product(path: str) -> Literal["github", "github-action", "gitlab"] | None:
    """Return which product reads a file, or None."""
    if not path.endswith((".yml", ".yaml")):
        return None
    if path.startswith(".github/workflows/") and path.count("/") == 2:
        return "github"
    name = PurePosixPath(path).name
    if name in ("action.yml", "action.yaml") and path.count("/") <= 4:
        return "github-action"
    if path in (".gitlab-ci.yml", ".gitlab-ci.yaml") or name.endswith(".gitlab-ci.yml"):
        return "gitlab"
    if path.startswith((".gitlab/ci/", ".gitlab-ci/")):
        return "gitlab"
    return None


def wants(file: TreeFile) -> bool:
    """Say whether a path is one that a CI product reads."""
    return _product(file.path) is not None


def read(path: str, text: str) -> Workflow | None:
    """Return a CI file's content, or None when it is none."""
    product = _product(path)
    try:
        # GitHub refuses a file in which a key stands twice; GitLab takes the last one.
        lined = read_lined(text, place=path, unique=product != "gitlab")
    except BadFile as error:
        return Workflow(product=product or "github", problem=str(error)[:300])
    if product == "gitlab":
        return read_gitlab(lined)
    return read_action(lined) if product == "github-action" else read_workflow(lined)


EXTRACT = Extract(
    version=2, kind=Workflow, wants=wants, read=read, suffixes=frozenset({".yml", ".yaml"})
)

__all__ = [
    "EXTRACT",
    "AgentCall",
    "Gate",
    "GateCommand",
    "Install",
    "Job",
    "Step",
    "Workflow",
]
