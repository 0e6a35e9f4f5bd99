"""What a rule is: one thing that is wrong with assets, with its proof, its source and its remedy.

A rule's id is its file name in kebab-case and names the sin: it reads well after "allow". How bad a
hit is and how sure the rule is of it are two things. A rule looks at everything through `Assets`.
"""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.base.finding import Confidence, Severity

MAX_HITS = 200
"""Hits of one rule in one file that are told of one by one."""


class Edit(msgspec.Struct, frozen=True):
    """Lines `first` to `last` become `text`; with `last` before `first` it is put in there."""

    path: str
    first: int
    last: int
    text: str


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One place where a rule found its sin.

    `subject` is what makes this hit the same one tomorrow, wherever its line has moved to: the
    rule's text, the server's name. `trail` names the steps from a source to a sink.
    `severity` replaces the rule's own. `edits` mend it without changing what anybody relies on.
    """

    path: str
    line: int | None
    message: str
    subject: str = ""
    hint: str = ""
    trail: tuple[str, ...] = ()
    severity: Severity | None = None
    edits: tuple[Edit, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule.

    `kinds` are the assets it looks at. `products` and `versions` say for which programs it holds
    (empty: all). `source` is where the behaviour it relies on is described or was observed, with
    the day of the look in `as_of`. An `opinion` is off unless asked for. `fix` says what its
    edits change: nothing anybody relies on (`safe`), maybe something (`unsafe`), or none exist.
    """

    title: str
    severity: Severity
    confidence: Confidence
    kinds: frozenset[Kind]
    check: Callable[[Assets], Iterator[Hit]]
    source: str
    as_of: str
    hint: str
    products: tuple[str, ...] = ()
    versions: str = ""
    opinion: bool = False
    fix: Literal["none", "safe", "unsafe"] = "none"
    needs_base: bool = False
    """It compares with the version before a change, and is silent without one."""
