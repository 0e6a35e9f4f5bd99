"""The parts of an agent that alter its behaviour, each under an id such as `prompt/support`.

The first half of the id is the part's kind, so a component cannot pretend to be something milder.
"""

from typing import Literal

import msgspec

from pawl.base.patterns import regex
from pawl.governance.raci import Work

Number = str | int | float | bool | None
"""A parameter of a model."""

COMPONENT = regex(
    r"(prompt|model|tool|policy|routing|budget|data|eval-set|code)/[^\s\x00-\x1f/][^\x00-\x1f]{0,299}"
)


class Prompt(msgspec.Struct, frozen=True, kw_only=True, tag="prompt", forbid_unknown_fields=True):
    """What an agent is told, word for word."""

    text: str


class Model(msgspec.Struct, frozen=True, kw_only=True, tag="model", forbid_unknown_fields=True):
    """Which model answers, of which family, and with which parameters."""

    family: str
    model: str
    parameters: dict[str, Number] = {}


class Tool(msgspec.Struct, frozen=True, kw_only=True, tag="tool", forbid_unknown_fields=True):
    """A tool and how far it may be used. `powers` are its patterns, hosts or paths."""

    permission: Literal["deny", "ask", "allow"]
    powers: tuple[str, ...] = ()


class PolicyFile(
    msgspec.Struct, frozen=True, kw_only=True, tag="policy", forbid_unknown_fields=True
):
    """A file that decides what is allowed: gates, roles, risk rules, guards, settings."""

    digest: str


class Routing(msgspec.Struct, frozen=True, kw_only=True, tag="routing", forbid_unknown_fields=True):
    """Which share of requests goes where, in thousandths by destination."""

    permille: dict[str, int]


class Budget(msgspec.Struct, frozen=True, kw_only=True, tag="budget", forbid_unknown_fields=True):
    """A limit of spending: micro-USD in a period."""

    micros: int
    period: str


class Data(msgspec.Struct, frozen=True, kw_only=True, tag="data", forbid_unknown_fields=True):
    """Which classes of data reach an agent."""

    classes: tuple[str, ...]


class EvalSet(
    msgspec.Struct, frozen=True, kw_only=True, tag="eval-set", forbid_unknown_fields=True
):
    """A set of eval cases by the digest of its content; `cases` is None where nobody counted."""

    digest: str
    cases: int | None = None


class Code(msgspec.Struct, frozen=True, kw_only=True, tag="code", forbid_unknown_fields=True):
    """A file of code around the agent, by the digest of its content."""

    digest: str


Part = Prompt | Model | Tool | PolicyFile | Routing | Budget | Data | EvalSet | Code

WORK_OF: dict[type[Part], Work] = {
    Prompt: Work.PROMPT,
    Model: Work.MODEL,
    Tool: Work.TOOLS,
    PolicyFile: Work.POLICY,
    Routing: Work.ROUTING_COST,
    Budget: Work.ROUTING_COST,
    # Whoever edits what a change is measured by, or what may reach an agent, edits a policy.
    Data: Work.POLICY,
    EvalSet: Work.POLICY,
    Code: Work.CODE,
}
"""Who answers for a part."""

PERMISSIONS = ("deny", "ask", "allow")
"""From the narrowest to the widest."""


def kind_of(part: Part) -> str:
    """Return a part's kind, the first half of its component id."""
    return str(part.__struct_config__.tag)


def widened(before: Part | None, after: Part | None) -> bool:
    """Say whether a tool may do more than before; a tool that is new could do nothing."""
    if not isinstance(after, Tool) or after.permission == "deny":
        return False
    if not isinstance(before, Tool) or before.permission == "deny":
        return True
    wider = PERMISSIONS.index(after.permission) > PERMISSIONS.index(before.permission)
    # No powers named is all of them.
    if not after.powers or not before.powers:
        return wider or (bool(before.powers) and not after.powers)
    return wider or not set(after.powers) <= set(before.powers)
