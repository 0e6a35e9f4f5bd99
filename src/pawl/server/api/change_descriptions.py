"""The addresses of changes and gates, described for the OpenAPI document."""

import re
from typing import Any

from pawl.server.api.change_routes import COMMANDS, LOOKS, SENT, Command, Look, Sent
from pawl.server.api.changes import MOMENTS, STATES
from pawl.server.api.commanding import KEY
from pawl.server.api.described import Asks, Described
from pawl.server.question import LONGEST

_DAY = r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"


def words(name: str, text: str = "") -> Asks:
    """Return a parameter that is any text."""
    return Asks(name=name, text=text, schema={"type": "string", "maxLength": LONGEST})


def choice(name: str, among: tuple[str, ...], text: str = "") -> Asks:
    """Return a parameter that is one of some words."""
    return Asks(name=name, text=text, schema={"type": "string", "enum": ["", *among]})


def whole(name: str, most: int) -> Asks:
    """Return a parameter that is a whole number from 1 on."""
    return Asks(name=name, schema={"type": "integer", "minimum": 1, "maximum": most})


def time(name: str, text: str) -> Asks:
    """Return a parameter that is a day or an instant."""
    hour = "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
    pattern = f"^(?:{_DAY}(?:{hour})?)?$"
    return Asks(name=name, text=text, schema={"type": "string", "pattern": pattern})


_STATE = "|".join(STATES)
_STATES = Asks(
    name="state",
    text="Only these, with commas between them.",
    schema={"type": "string", "pattern": f"^(?:(?:{_STATE})(?:,(?:{_STATE}))*)?$"},
)


ASKED: dict[str, tuple[Asks, ...]] = {
    "/api/changes": (
        _STATES,
        words("scope", "The scope of a change, as its manifest says."),
        whole("limit", 1_000),
        words("before", "Only what was last changed before that time."),
    ),
    "/api/changes/{id}/decisions": (whole("limit", 500),),
    "/api/decisions": (whole("limit", 500),),
    "/api/changes/{id}/verdict": (choice("moment", MOMENTS),),
    "/api/changes/{id}/explanation": (choice("moment", MOMENTS),),
    "/api/exceptions": (words("change", "Only those for the content of that change."),),
    "/api/change-figures": (
        time("since", "A UTC day or an instant; 90 days ago when absent."),
        time("until", "A day, which counts whole, or the first instant that does not count."),
        words("scope"),
    ),
}
"""What addresses take besides the parts of their path."""

ONCE = Asks(
    name="Idempotency-Key",
    text="Whoever sends the same again under the same key gets the answer of the first time.",
    schema={"type": "string", "pattern": f"^{KEY}$"},
    in_header=True,
)


def _parts(path: str) -> tuple[Asks, ...]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    names = re.findall(r"\{(\w+)", path)
    return tuple(Asks(name=name, in_path=True, schema=schema) for name in names)


def _plain(path: str) -> str:
    return path.replace(":path", "")


def look(each: Look, asks: tuple[Asks, ...]) -> Described:
    """Return how an address that answers is described; `asks` is what it takes in the query."""
    return Described(
        path=_plain(each.path),
        route=each.path,
        summary=each.summary,
        answer=each.answer,
        asks=(*_parts(each.path), *asks),
        errors=(400, 403, 404),
    )


def command(each: Command | Sent) -> Described:
    """Return how an address that something is sent to is described."""
    return Described(
        path=_plain(each.path),
        route=each.path,
        summary=each.summary,
        answer=each.answer,
        asks=(*_parts(each.path), ONCE),
        errors=(400, 403, 404, 409, 413, 415, 422),
        method="post",
        status=each.status,
        body=each.body,
    )


CHANGES = (
    *(look(each, ASKED.get(each.path, ())) for each in LOOKS),
    *map(command, COMMANDS),
    *map(command, SENT),
)
