"""The assertions of a case: which grader each asks, with which arguments.

An assertion is a mapping whose key names its grader, as in `{tool_called: Bash, max: 1}`; the other
keys are that grader's arguments. Where two keys name graders (`max` does, too), it is the one
whose arguments the other is among.
"""

from functools import cache
from typing import Any

import msgspec

from pawl.base.catalogue import discover
from pawl.base.errors import BadValue
from pawl.base.typed import convert
from pawl.evals import graders as folder
from pawl.evals.case import Case
from pawl.evals.grader import NOTHING, Grader, Wants
from pawl.parsing.nearest import nearest

OWN = frozenset({"id", "optional", "weight"})
"""Keys of every assertion."""


class BadAssertion(BadValue):
    """An assertion of an eval case names no grader, or gives it arguments that it does not take."""

    code = "bad-assertion"


class _Own(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every assertion may say, whatever its grader."""

    id: str | None = None
    optional: bool = False
    weight: float = 1.0


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a grader. An optional one is reported and is no part of `pass_when: all`."""

    id: str
    grader: str
    """The id of the grader, in kebab-case."""
    arguments: Any
    optional: bool
    weight: float


@cache
def graders() -> dict[str, Grader]:
    """Return every grader by the key that asks for it, which is its id in snake_case."""
    found = discover(folder, "GRADER", Grader)
    return {identity.replace("-", "_"): grader for identity, grader in found.items()}


def read_assertion(raw: dict[str, Any], place: int) -> Assertion:
    """Return one assertion of a case; `place` is its position, counted from 0.

    Raises BadAssertion, whose place is a key of the assertion where one is to blame.
    """
    key = grader_key(raw)
    grader = graders()[key]
    own = _converted({name: value for name, value in raw.items() if name in OWN}, _Own)
    rest = {name: value for name, value in raw.items() if name not in OWN}
    arguments = _converted(rest, grader.arguments)
    wrong = grader.check(arguments) if grader.check else ""
    if wrong:
        raise BadAssertion(f"{key}: {wrong}.", place=key)
    if grader.advisory and not own.optional:
        raise BadAssertion(f"{key} is advice.", place=key, hint="Say `optional: true`.")
    return Assertion(
        id=own.id or f"{key.replace('_', '-')}-{place + 1}",
        grader=key.replace("_", "-"),
        arguments=arguments,
        optional=own.optional,
        weight=own.weight,
    )


def read_assertions(case: Case) -> tuple[Assertion, ...]:
    """Return the assertions of a case; raises BadAssertion, also for an id that stands twice."""
    found = tuple(read_assertion(raw, place) for place, raw in enumerate(case.asserts))
    seen: set[str] = set()
    for each in found:
        if each.id in seen:
            raise BadAssertion(f"Two assertions have the id {each.id!r}.", place="id")
        seen.add(each.id)
    return found


def grader_key(raw: dict[str, Any]) -> str:
    """Return the key of an assertion that names its grader; raises BadAssertion."""
    known = graders()
    named = [key for key in raw if key in known]
    fitting = [key for key in named if raw.keys() - OWN <= set(_fields(known[key]))]
    if len(fitting) == 1:
        return fitting[0]
    meant = next((near for key in raw if key not in OWN and (near := nearest(key, known))), None)
    if len(named) == 1 and meant is None:
        unknown = sorted(raw.keys() - OWN - set(_fields(known[named[0]])))
        near = nearest(unknown[0], (*_fields(known[named[0]]), *OWN))
        raise BadAssertion(
            f"{named[0]} takes no {unknown[0]!r}.",
            place=unknown[0],
            hint=f"Did you mean `{near}`?" if near else f"It takes {_list(known[named[0]])}.",
        )
    if len(named) > 1:
        raise BadAssertion(
            f"One assertion asks several graders: {', '.join(named)}.",
            place=named[1],
            hint="Write one assertion each.",
        )
    first = next((key for key in raw if key not in OWN and key not in known), "")
    raise BadAssertion(
        f"No grader is called {first!r}." if first else "The assertion names no grader.",
        place=first,
        hint=f"Did you mean `{meant}`?" if meant else f"Graders: {', '.join(sorted(known))}.",
    )


def wanted(case: Case) -> Wants:
    """Return all that must be put into a record of this case; raises BadAssertion."""
    found = []
    for each in read_assertions(case):
        wants = graders()[each.grader.replace("-", "_")].wants
        found.append(wants(each.arguments) if wants else NOTHING)
    gathered = {
        name: tuple(dict.fromkeys(item for wants in found for item in getattr(wants, name)))
        for name in Wants.__struct_fields__
    }
    return Wants(**gathered)


def _fields(grader: Grader) -> tuple[str, ...]:
    return grader.arguments.__struct_encode_fields__


def _list(grader: Grader) -> str:
    return ", ".join(f"`{name}`" for name in _fields(grader))


def _converted(raw: dict[str, Any], kind: type[Any]) -> Any:
    try:
        return convert(raw, kind)
    except (msgspec.ValidationError, UnicodeEncodeError, RecursionError) as error:
        path = str(error).rpartition(" - at `$.")[2].rstrip("`")
        place = path.split(".")[0].split("[")[0] if " - at `$." in str(error) else ""
        raise BadAssertion(f"{error}.", place=place) from error
