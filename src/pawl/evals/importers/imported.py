"""What an importer gives back: cases, and by place all that they do not hold of their source."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from pawl.base.errors import BadValue
from pawl.base.typed import convert
from pawl.evals.case import MAX_PROMPT, Case
from pawl.evals.case_reading import checked

MAX_CASES = 2000
"""Cases that are made of one file."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not carried over: where it stands, what it is, and why not."""

    place: str
    what: str
    why: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Cases to be reviewed. A case without all its assertions is weaker than it was: see `left`."""

    cases: tuple[Case, ...]
    left: tuple[Left, ...]


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Who imports, and when; both go into each case's provenance. `added` is a day."""

    added: str
    owner: str


def drafted(
    name: str,
    prompt: str,
    asserts: Iterable[dict[str, Any]],
    *,
    origin: Origin,
    source: str,
    covers: tuple[str, ...] = (),
    pass_when: str = "all",  # noqa: S107 - no password
) -> Case:
    """Return a case of class `behaviour`; raises BadValue for one that could not be graded."""
    listed = list(asserts)
    values = {
        "id": name,
        "class": "behaviour",
        "provenance": {"added": origin.added, "owner": origin.owner, "source": source[:200]},
        "covers": covers,
        "run": {"prompt": prompt[: MAX_PROMPT + 1]},
        "assert": listed,
        "pass_when": pass_when,
    }
    try:
        case = convert(values, Case)
    except msgspec.ValidationError as error:
        raise BadValue(f"{error}.") from error
    checked(case)
    return case


def identifier(text: str, taken: set[str]) -> str:
    """Return an id made of a text, which no other case has yet, and take it."""
    bare = re.sub(r"[^a-z0-9]+", "-", text[:1000].lower()).strip("-")[:80].strip("-") or "case"
    number = 1
    found = bare
    while found in taken:
        number += 1
        found = f"{bare}-{number}"
    taken.add(found)
    return found
