"""A budget: how much a scope may spend in a period, and what happens when it is spent.

`[[budgets]]` in `pawl.toml` and in the team's `budgets.toml` declare them:

    [[budgets]]
    name = "shop"
    scope = "project"
    of = "shop"
    period = "month"
    soft_usd = 150
    hard_usd = 200
    run_usd = 5

A hard limit is never passed by runs together: each reserves its cap before it starts. A soft
limit only tells. Pure: texts in, values out; what was spent is an argument.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from pawl.alerts.budget_people import People, persons_by_name, teams_by_name
from pawl.alerts.budget_period import Period
from pawl.base import typed
from pawl.base.errors import BadFile, BadValue
from pawl.base.money import parse_usd
from pawl.telemetry.bill import UNKNOWN

MAX_BUDGETS = 1000
"""Budgets in one file."""
TEAM_SOURCE = "team"
"""The source of budgets in the data folder: they are the team's, not a repository's."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Scope(StrEnum):
    """Whose spend a budget is about."""

    ORGANISATION = "organisation"
    TEAM = "team"
    PROJECT = "project"
    DEVELOPER = "developer"
    MODEL = "model"
    AGENT = "agent"


class Reserve(StrEnum):
    """What happens to a run whose cap is more than what is left."""

    CAP = "cap"
    """It is refused: it reserves its whole cap or does not start."""
    LEFT = "what is left"
    """Its cap is lowered to what is left."""


class UnpricedSpend(StrEnum):
    """What a hard limit does with a model that has no price."""

    REFUSE = "refuse"
    ALLOW = "allow"
    """It runs, and what it costs beyond its priced requests is counted nowhere."""


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[budgets]]` as written. `of` names whose, `each` makes one for everybody there is.

    `run_usd` is what a run without a cap of its own reserves and is held to. `reason` says why
    a limit is higher than it was; without a new one the lower limit stays.
    """

    name: str
    scope: Scope
    of: str | None = None
    each: bool = False
    period: Period = Period.MONTH
    soft_usd: float | str | None = None
    hard_usd: float | str | None = None
    run_usd: float | str | None = None
    reserve: Reserve = Reserve.CAP
    unpriced: UnpricedSpend = UnpricedSpend.REFUSE
    reason: str = ""


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A budget in force. Money in micro-USD; None is no such limit.

    `key` is `source/name`, one for all time. `identities` says which developers' names, in lower
    case, belong to whom of the scope: a budget can be applied without the file of people.
    """

    key: str
    source: str
    name: str
    scope: Scope
    of: str | None = None
    each: bool = False
    period: Period = Period.MONTH
    soft_micros: int | None = None
    hard_micros: int | None = None
    run_micros: int | None = None
    reserve: Reserve = Reserve.CAP
    unpriced: UnpricedSpend = UnpricedSpend.REFUSE
    reason: str = ""
    identities: dict[str, tuple[str, ...]] = {}


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose spend it is, as a source told it. `models` None: not known before the run starts."""

    project: str | None = None
    developer: str | None = None
    agent: str | None = None
    models: tuple[str, ...] | None = None


def budgets_of(
    sections: Iterable[Mapping[str, Any]], *, source: str, people: People, place: str
) -> tuple[Budget, ...]:
    """Return the budgets that sections of a file declare; raises BadFile naming the section."""
    found: dict[str, Budget] = {}
    for number, section in enumerate(sections):
        where = f"{place}: budgets[{number}]"
        if number >= MAX_BUDGETS:
            raise BadFile(f"more than {MAX_BUDGETS} budgets.", place=place)
        try:
            declared = typed.convert(section, Declared, strict=True)
        except msgspec.ValidationError as error:
            raise BadFile(f"{error}.", place=where, hint=_REFERENCE) from error
        budget = _bound(declared, source, people, where)
        if budget.key in found:
            raise BadFile(f"a second budget is called {budget.name!r}.", place=where)
        found[budget.key] = budget
    return tuple(found.values())


def whose(budget: Budget, owner: Owner) -> tuple[str, ...]:
    """Return who of the budget's scope an owner's spend counts for; nobody when it is not theirs.

    A run whose model is not known yet counts for a budget of any model: a hard limit must hold
    whatever it turns out to use.
    """
    match budget.scope:
        case Scope.ORGANISATION:
            return (budget.of or "organisation",)
        case Scope.TEAM | Scope.DEVELOPER:
            return _people(budget, owner.developer)
        case Scope.MODEL:
            models = owner.models
            if models is None:
                return (budget.of,) if budget.of else ()
            return tuple(dict.fromkeys(who for model in models for who in _match(budget, model)))
        case Scope.PROJECT:
            return _match(budget, owner.project)
        case Scope.AGENT:
            return _match(budget, owner.agent)


def _match(budget: Budget, value: str | None) -> tuple[str, ...]:
    if budget.each:
        return (value or UNKNOWN,)
    pattern = budget.of or ""
    return (pattern,) if value == pattern or fnmatchcase(value or "", pattern) else ()


def _people(budget: Budget, developer: str | None) -> tuple[str, ...]:
    name = (developer or "").strip().casefold()
    found = budget.identities.get(name)
    if found is not None:
        return found
    if budget.scope is Scope.DEVELOPER and budget.each:
        return (developer or UNKNOWN,)
    return ()


_REFERENCE = "See docs/how-to/keep-a-budget.md for what a budget is made of."


def _bound(declared: Declared, source: str, people: People, place: str) -> Budget:
    _check(declared, place)
    soft, hard, run = (
        None if amount is None else parse_usd(str(amount), place=f"{place}: {name}")
        for name, amount in (
            ("soft_usd", declared.soft_usd),
            ("hard_usd", declared.hard_usd),
            ("run_usd", declared.run_usd),
        )
    )
    if soft is not None and hard is not None and soft > hard:
        raise BadFile("soft_usd is more than hard_usd.", place=place)
    return Budget(
        key=f"{source}/{declared.name}",
        source=source,
        name=declared.name,
        scope=declared.scope,
        of=declared.of,
        each=declared.each,
        period=declared.period,
        soft_micros=soft,
        hard_micros=hard,
        run_micros=run,
        reserve=declared.reserve,
        unpriced=declared.unpriced,
        reason=declared.reason.strip(),
        identities=_identities(declared, people, place),
    )


def _check(declared: Declared, place: str) -> None:
    if not _NAME.fullmatch(declared.name):
        raise BadValue(
            f"{declared.name[:80]!r} is not a budget's name.",
            place=place,
            hint="Use letters, digits, dots, dashes and underscores, at most 64.",
        )
    if declared.soft_usd is None and declared.hard_usd is None:
        raise BadFile("it has no limit.", place=place, hint="Give soft_usd, hard_usd or both.")
    whole = declared.scope is Scope.ORGANISATION
    if declared.each and (declared.of is not None or whole):
        raise BadFile(
            "`each` does not go with `of` or with the organisation.", place=place, hint=_REFERENCE
        )
    if not (declared.each or declared.of or whole):
        raise BadFile(
            f"whose budget is it? The scope is {declared.scope.value}.",
            place=place,
            hint='Name one with `of = "…"`, or write `each = true`.',
        )
    if declared.each and declared.scope is Scope.MODEL and declared.hard_usd is not None:
        raise BadFile(
            "a hard limit for each model cannot be kept: a run's model is not known before it"
            " starts.",
            place=place,
            hint='Name the model with `of = "…"` (shell patterns work), or use soft_usd.',
        )


def _identities(declared: Declared, people: People, place: str) -> dict[str, tuple[str, ...]]:
    if declared.scope is Scope.TEAM:
        found = teams_by_name(people, declared.of)
        if not found:
            team = "any team" if declared.of is None else f"the team {declared.of!r}"
            raise BadFile(
                f"nobody is known to be in {team}.",
                place=place,
                hint="Name its members in people.yaml, beside the budgets.",
            )
        return found
    if declared.scope is not Scope.DEVELOPER:
        return {}
    persons = persons_by_name(people)
    if declared.each:
        return {name: (person,) for name, person in sorted(persons.items())}
    wanted = (declared.of or "").strip().casefold()
    person = persons.get(wanted, declared.of or "")
    names = {name for name, owner in persons.items() if owner == person} | {wanted}
    return dict.fromkeys(sorted(names), (person,))
