"""Who answers for what: for each kind of work and scope exactly one accountable role.

`.pawl/raci.yaml` has the form of the `raci.yaml` that comes with Pawl. A row of a narrower scope
replaces the wider one there. Kinds of work without a row of their own are judged as another kind.
"""

from collections import Counter
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.governance.priority import Domain, may_except
from pawl.governance.roster import covers


class Work(StrEnum):
    """Kinds of work that somebody answers for."""

    PROMPT = "prompt"
    POLICY = "policy"
    ROUTING_COST = "routing-cost"
    TOOLS = "tools"
    MODEL = "model"
    CODE = "code"
    INCIDENT = "incident"


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who does a kind of work, who answers for it, who is asked before and told after: roles."""

    work: Work
    scope: str = ""
    responsible: str
    accountable: str
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()


class Raci(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table. `owners` are the roles that answer for each domain of the priorities."""

    schema: Literal["pawl.raci/1"]
    version: str
    as_of: str
    rows: tuple[Row, ...]
    judged_as: dict[Work, Work] = {}
    owners: dict[Domain, str]
    sources: dict[str, str] = {}

    @property
    def digest(self) -> str:
        """The digest of what the table says, whatever its spacing."""
        return digest(msgspec.to_builtins(self))


def load_raci(text: str, *, place: str) -> Raci:
    """Return a table from YAML; raises BadFile for one in which somebody's answer is open."""
    return check_raci(load_yaml(text, Raci, place=place), place=place)


def check_raci(raci: Raci, *, place: str) -> Raci:
    """Return the table; raises BadFile where a work has no accountable role, or two."""
    counts = Counter((row.work, row.scope) for row in raci.rows)
    for (work, scope), times in sorted(counts.items()):
        if times > 1:
            where = f" in {scope}" if scope else ""
            raise BadFile(
                f"{work}{where} has {times} rows, so it has {times} accountable roles.",
                place=f"{place}: rows",
                hint="Leave one row for each work and scope.",
            )
    for row in raci.rows:
        if not row.accountable.strip() or not row.responsible.strip():
            raise BadFile(
                f"{row.work} names no {'responsible' if row.accountable.strip() else 'accountable'}"
                " role.",
                place=f"{place}: rows",
                hint="Name one role.",
            )
    for work in Work:
        if row_of(raci, work, "") is None:
            raise BadFile(
                f"nobody answers for {work}.",
                place=place,
                hint="Add a row for it without a scope, or say under judged_as which row counts.",
            )
    for domain in Domain:
        if not raci.owners.get(domain, "").strip():
            raise BadFile(
                f"{domain} has no owner.", place=f"{place}: owners", hint="Name the role."
            )
    return raci


def row_of(raci: Raci, work: Work, scope: str) -> Row | None:
    """Return the row that counts for a work in a scope: of its own rows the narrowest there."""
    own = [row for row in raci.rows if row.work is work and covers(row.scope, scope)]
    if own:
        return max(own, key=lambda row: len(row.scope))
    other = raci.judged_as.get(work)
    if other is None or other is work:
        return None
    rows = [row for row in raci.rows if row.work is other and covers(row.scope, scope)]
    return max(rows, key=lambda row: len(row.scope)) if rows else None


def accountable(raci: Raci, work: Work, scope: str) -> str:
    """Return the one role whose approval counts; empty where a checked table cannot say."""
    row = row_of(raci, work, scope)
    return row.accountable if row else ""


def excepting_roles(raci: Raci, domain: Domain) -> tuple[str, ...]:
    """Return the roles that may set a rule of a domain aside: its owner and those above it."""
    return tuple(dict.fromkeys(raci.owners.get(each, "") for each in may_except(domain)))


@cache
def shipped_raci() -> Raci:
    """Return the table that comes with Pawl."""
    text = files("pawl.governance").joinpath("raci.yaml").read_text(encoding="utf-8")
    return load_raci(text, place="raci.yaml")
