"""Which adapter a command belongs to, importing no more adapters than it takes to know."""

from pathlib import PurePath

from pawl.base import catalogue
from pawl.base.errors import Refused
from pawl.runs import agents
from pawl.runs.agent import Agent

GENERIC = "generic"


class UnknownAgent(Refused):
    """No adapter has this id."""

    code = "unknown-agent"


def find_agent(command: tuple[str, ...], asked: str | None) -> Agent:
    """Return the adapter named by `asked`, else the one that knows the command's program.

    A program that no adapter knows is run by the generic one, which can hold it to time, idle
    time and output only. Third-party adapters are found by their id. Raises UnknownAgent.
    """
    known = catalogue.names(agents)
    if asked is not None:
        return _load(asked) if asked in known else _third_party(asked, known)
    program = PurePath(command[0]).name
    likely_first = sorted(known, key=lambda name: not _resembles(name, program))
    for name in likely_first:
        if name != GENERIC:
            agent = _load(name)
            if program in agent.binaries:
                return agent
    return _load(GENERIC)


def _resembles(name: str, program: str) -> bool:
    return name.startswith(program) or program.startswith(name)


def _load(name: str) -> Agent:
    return catalogue.load(agents, name, "AGENT", Agent)


def _third_party(asked: str, known: list[str]) -> Agent:
    found = catalogue.discover(agents, "AGENT", Agent)
    if asked not in found:
        raise UnknownAgent(
            f"No agent is called {asked!r}.",
            place="--agent",
            hint=f"Known agents: {', '.join(sorted({*known, *found}))}.",
        )
    return found[asked]
