"""Made-up pipelines, read as rules read them."""

from typing import Any

import yaml

from pawl.assets.agent_use import AgentUse, uses_of
from pawl.assets.asset import asset_of
from pawl.assets.flow import Flow
from pawl.assets.workflow import read_flow


def flow(text: str | dict[str, Any], path: str = ".github/workflows/a.yml") -> Flow:
    """Return a pipeline from its text, or from values."""
    asset = asset_of(path)
    assert asset is not None
    return read_flow(asset, text if isinstance(text, str) else yaml.safe_dump(text))


def workflow(on: Any, *steps: Any, **job: Any) -> Flow:
    """Return a workflow of one job `a`; a text is a step that runs it."""
    listed = [{"run": step} if isinstance(step, str) else step for step in steps]
    return flow({"on": on, "jobs": {"a": {"steps": listed, **job}}})


def agent(on: Any, *steps: Any, **job: Any) -> AgentUse:
    """Return the one agent of such a workflow."""
    (use,) = uses_of(workflow(on, *steps, **job))
    return use
