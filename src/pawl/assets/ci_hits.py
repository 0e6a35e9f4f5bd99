"""What rules about agents in CI tell of: which agents a rule looks at, and hits on them.

An agent in a composite action or a reusable workflow is seen twice: in its own file, and in the
place of each call. A rule says which of the two it means.
"""

from collections.abc import Iterator

from pawl.assets.assets import Assets
from pawl.assets.ci_agents import CiAgent
from pawl.assets.rule import Hit
from pawl.base.finding import Severity


def written_here(assets: Assets) -> Iterator[CiAgent]:
    """Yield the agents that stand in a judged file, called from elsewhere or not."""
    for agent in assets.ci_agents:
        if agent.use.step.origin is None:
            yield agent


def started_here(assets: Assets) -> Iterator[CiAgent]:
    """Yield the agents that a judged workflow starts, with those it calls from other files."""
    for agent in assets.ci_agents:
        if not agent.use.flow.is_action:
            yield agent


def timed_here(assets: Assets) -> Iterator[CiAgent]:
    """Yield the agents whose job stands in a judged workflow."""
    for agent in started_here(assets):
        origin = agent.use.step.origin
        if origin is None or origin.path.endswith(("/action.yml", "/action.yaml")):
            yield agent


def hit_on(
    agent: CiAgent,
    message: str,
    *,
    line: int | None = None,
    subject: str = "",
    severity: Severity | None = None,
    trail: tuple[str, ...] = (),
) -> Hit:
    """Return a hit on an agent; which one it is stays the same while lines move."""
    use = agent.use
    step = use.step.id or use.step.name or use.name
    return Hit(
        path=use.flow.path,
        line=line if line is not None else use.line,
        message=message,
        subject=" ".join(part for part in (use.job.id, step, subject) if part)[:300],
        severity=severity,
        trail=trail,
    )


def quoted(names: tuple[str, ...] | list[str], most: int = 4) -> str:
    """Return names as a message lists them, with how many more there are."""
    shown = ", ".join(f"`{' '.join(name.split())[:80]}`" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
