"""How each product is started for a task without a person."""

import pytest

from pawl.base import catalogue
from pawl.base.errors import Refused
from pawl.runs import agents
from pawl.runs.agent import Agent, Task, World
from pawl.runs.spec import RunSpec

KNOWN = [name for name in catalogue.names(agents) if name != "generic"]
WORLD = World(
    environment={},
    home="/home/u",
    session_uuid="00000000-0000-4000-8000-000000000000",
    hook_command=("hook",),
    started="2026-11-21T00:00:00.000000Z",
)


def _agent(name: str) -> Agent:
    return catalogue.load(agents, name, "AGENT", Agent)


@pytest.mark.parametrize("name", KNOWN)
def test_the_products_own_adapter_takes_what_it_is_started_with(name: str) -> None:
    """The argv of a task is one that the adapter can supervise, with model and own arguments."""
    agent = _agent(name)
    assert agent.headless is not None
    argv = agent.headless(Task(program=agent.binaries[0], model="m-1", arguments=("--verbose",)))
    assert argv[0] == agent.binaries[0]
    assert argv[argv.index("--model") + 1] == "m-1"
    assert "--verbose" in argv
    launch = agent.prepare(
        RunSpec(run_id="run_1", command=argv, agent=agent.product, cwd="/w"), WORLD
    )
    assert launch.streaming


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "claude-code"])
def test_what_a_product_has_no_flag_for_is_refused(name: str) -> None:
    """Settings that would silently be left out are an error instead."""
    agent = _agent(name)
    assert agent.headless is not None
    with pytest.raises(Refused, match="takes no settings"):
        agent.headless(Task(program="x", settings="/s.json"))


def test_claude_code_gets_mode_and_settings() -> None:
    """The permission mode and the settings file are the program's own flags."""
    agent = _agent("claude-code")
    assert agent.headless is not None
    argv = agent.headless(Task(program="claude", permission_mode="plan", settings="/s.json"))
    assert argv == ("claude", "-p", "--permission-mode", "plan", "--settings", "/s.json")
