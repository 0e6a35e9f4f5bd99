"""What is known of products and judged of words: lists kept as data, each with its source and day.

A list stands in `data/<name>.yaml` and is read when it is first asked for.
"""

from functools import cache
from typing import Literal

import msgspec

from pawl.assets.shipped import shipped

Source = str | tuple[str, ...]


class _List(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every list says of itself."""

    source: Source
    as_of: str


class ClaudeNames(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names that Claude Code knows. `retired` says what a tool became, empty for nothing."""

    schema: Literal["pawl.claude-names/1"]
    tools: tuple[str, ...]
    retired: dict[str, str]
    models: tuple[str, ...]
    model_shapes: tuple[str, ...]
    foreign_models: tuple[str, ...]
    agents: tuple[str, ...]
    skills: tuple[str, ...]
    ignored_in_plugins: tuple[str, ...]

    @property
    def tools_ever(self) -> frozenset[str]:
        """The tools that there are and those that were: rules of old name these as well."""
        return frozenset((*self.tools, *self.retired))


class Acts(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Acts that nobody takes back: words of names, what makes such a name harmless, commands.

    A command is given by its first words; `*` stands for any one word.
    """

    schema: Literal["pawl.acts/1"]
    verbs: tuple[str, ...]
    harmless: tuple[str, ...]
    commands: tuple[str, ...]


class Roles(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words by which an agent says that it only looks, and words by which it says that it mends."""

    schema: Literal["pawl.roles/1"]
    looks: tuple[str, ...]
    only: tuple[str, ...]
    mends: tuple[str, ...]
    writes: tuple[str, ...]
    runs: tuple[str, ...]
    looks_with: tuple[str, ...]


class Rivals(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Families of programs of which a repository uses one."""

    schema: Literal["pawl.rival-tools/1"]
    families: dict[str, tuple[str, ...]]


class Homes(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of home folders that are nobody's own, and folders that people keep in theirs."""

    schema: Literal["pawl.homes/1"]
    nobody: tuple[str, ...]
    below: tuple[str, ...]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of one issuer's credentials: the sign that each begins with."""

    issuer: str
    sign: str
    pattern: str


class Credentials(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shapes of credentials, and words that say that a text only stands for one."""

    schema: Literal["pawl.credentials/1"]
    shapes: tuple[Shape, ...]
    stand_ins: tuple[str, ...]
    weak_stand_ins: tuple[str, ...]
    stand_in_shapes: tuple[str, ...]


class Prohibition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that instructions forbid: how prose says it, and what a rule against it names.

    `tools` are the tools that such a rule is about, `holds` what its pattern holds one of.
    """

    name: str
    pattern: str
    tools: tuple[str, ...]
    holds: tuple[str, ...]
    rule: str


class Prohibitions(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prohibitions that a permission rule can enforce."""

    schema: Literal["pawl.prohibitions/1"]
    forbids: str
    prohibitions: tuple[Prohibition, ...]


class DynamicCommands(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Programs that a command which runs before the model thinks should not call, and why.

    `reaches` and `writes` are given as `Acts.commands` are, `evaluates` with the options by which
    an interpreter takes code as text.
    """

    schema: Literal["pawl.dynamic-commands/1"]
    reaches: tuple[str, ...]
    writes: tuple[str, ...]
    evaluates: dict[str, tuple[str, ...]]


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to give an order. One that is not `sure` may as well be a note to colleagues."""

    what: str
    sure: bool
    pattern: str


class HiddenOrders(_List, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a comment gives an order that only an agent reads; `harmless` begin what tools read."""

    schema: Literal["pawl.hidden-orders/1"]
    orders: tuple[Order, ...]
    harmless: tuple[str, ...]


@cache
def claude_names() -> ClaudeNames:
    """Return the names that Claude Code knows."""
    return shipped("claude_names", ClaudeNames)


@cache
def acts() -> Acts:
    """Return the acts that nobody takes back."""
    return shipped("acts", Acts)


@cache
def roles() -> Roles:
    """Return the words of roles."""
    return shipped("roles", Roles)


@cache
def rivals() -> Rivals:
    """Return the families of programs."""
    return shipped("rival_tools", Rivals)


@cache
def homes() -> Homes:
    """Return the home folders that are nobody's own."""
    return shipped("homes", Homes)


@cache
def credentials() -> Credentials:
    """Return the shapes of credentials."""
    return shipped("credentials", Credentials)


@cache
def prohibitions() -> Prohibitions:
    """Return the prohibitions that a permission rule can enforce."""
    return shipped("prohibitions", Prohibitions)


@cache
def dynamic_commands() -> DynamicCommands:
    """Return what a command that runs before the model thinks should not call."""
    return shipped("dynamic_commands", DynamicCommands)


@cache
def hidden_orders() -> HiddenOrders:
    """Return how a comment gives an order."""
    return shipped("hidden_orders", HiddenOrders)
