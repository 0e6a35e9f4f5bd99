"""Which program a trial starts, with which words, and where its model is."""

from collections.abc import Mapping

import msgspec

from pawl.base.errors import BadValue, Refused
from pawl.evals.agent_needs import GENERIC, PROXY_PORTS, Needs, model_addresses
from pawl.evals.case import Case
from pawl.evals.holding import Upstream, Ways
from pawl.runs.agent import Task
from pawl.services.run_agents import find_agent

NULL = "null"
"""The agent that does nothing."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One trial to be run: of which case, from which folder, by which agent.

    `command` is the user's own, instead of the product's: `{prompt}` in it stands for the prompt,
    which otherwise comes on stdin, and `{repository}` for the repository.
    """

    case: Case
    folder: str
    agent: str | None = None
    model: str | None = None
    command: tuple[str, ...] = ()
    repository: str = ""
    model_url: str | None = None
    model_hosts: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    network_open: bool = False
    null: bool = False


class Program(msgspec.Struct, frozen=True):
    """How the agent of a trial is started, and what product it is."""

    argv: tuple[str, ...]
    stdin: bytes
    product: str
    model: str | None

    @property
    def readable(self) -> bool:
        """Whether what it prints is understood."""
        return self.product not in (GENERIC, NULL)


def program_of(order: Order, settings: str | None) -> Program:
    """Return how the agent is started; `settings` is the path of its settings file, if any.

    Raises BadValue where nothing names an agent, and Refused for one that cannot be started so.
    """
    run, prompt = order.case.run, order.case.run.prompt
    model = order.model or run.model
    if order.null:
        return Program((), b"", NULL, None)
    if order.command:
        given = any("{prompt}" in each for each in order.command)
        argv = tuple(
            each.replace("{repository}", order.repository).replace("{prompt}", prompt)
            for each in order.command
        )
        product = find_agent(argv, order.agent).product
        return Program(argv, b"" if given else prompt.encode(), product, model)
    name = order.agent or run.agent
    if name is None:
        raise BadValue(
            "nothing says which agent is to be tried.",
            place=order.case.id,
            hint="Give --agent, name one under `run` in the case, or give its command after --.",
        )
    agent = find_agent((name,), name)
    if agent.headless is None:
        raise Refused(
            f"Nobody knows how {agent.product} is started without a person.",
            place="--agent",
            hint="Give its command after --.",
        )
    task = Task(
        program=agent.binaries[0],
        model=model,
        permission_mode=run.permission_mode,
        settings=settings,
        arguments=run.arguments,
    )
    return Program(agent.headless(task), prompt.encode(), agent.product, model)


def ways_of(
    order: Order,
    needs: Needs,
    product: str,
    environment: Mapping[str, str],
    upstream: Upstream | None = None,
) -> Ways:
    """Return the only ways out: the model's own address on loopback, or its hosts."""
    if order.null:
        return Ways()
    addresses = model_addresses(needs, product, environment, order.model_url)
    here = next((each for each in addresses if each.on_loopback), None)
    hosts = tuple(each.host for each in addresses if not each.on_loopback)
    if not addresses:
        hosts = needs.of(product).hosts
    port = next(each for each in PROXY_PORTS if here is None or each != here.port)
    return Ways(
        hosts=(*hosts, *order.model_hosts),
        forward=None if here is None else (here.host, here.port),
        proxy_port=port,
        upstream=upstream,
    )
