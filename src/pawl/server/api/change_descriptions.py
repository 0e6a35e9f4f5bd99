"""The addresses of changes and gates, described for the OpenAPI document."""

import re
from typing import Any

from pawl.server.api.change_routes import COMMANDS, LOOKS, SENT, Command, Look, Sent
from pawl.server.api.changes import MOMENTS, STATES
from pawl.server.api.commanding import KEY
from pawl.server.api.described import Asks, Described
from pawl.server.question import LONGEST

_DAY = r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"


def _words(name: str, text: str = "") -> Asks:
    return Asks(name=name, text=text, schema={"type": "string", "maxLength": LONGEST})


def _choice(name: str, among: tuple[str, ...], text: str = "") -> Asks:
    return Asks(name=name, text=text, schema={"type": "string", "enum": ["", *among]})


def _whole(name: str, most: int) -> Asks:
    return Asks(name=name, schema={"type": "integer", "minimum": 1, "maximum": most})


def _time(name: str, text: str) -> Asks:
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
        _words("scope", "The scope of a change, as its manifest says."),
        _whole("limit", 1_000),
        _words("before", "Only what was last changed before that time."),
    ),
    "/api/changes/{id}/decisions": (_whole("limit", 500),),
    "/api/decisions": (_whole("limit", 500),),
    "/api/changes/{id}/verdict": (_choice("moment", MOMENTS),),
    "/api/changes/{id}/explanation": (_choice("moment", MOMENTS),),
    "/api/exceptions": (_words("change", "Only those for the content of that change."),),
    "/api/change-figures": (
        _time("since", "A UTC day or an instant; 90 days ago when absent."),
        _time("until", "A day, which counts whole, or the first instant that does not count."),
        _words("scope"),
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


def _look(each: Look) -> Described:
    return Described(
        path=_plain(each.path),
        route=each.path,
        summary=each.summary,
        answer=each.answer,
        asks=(*_parts(each.path), *ASKED.get(each.path, ())),
        errors=(400, 403, 404),
    )


def _command(each: Command | Sent) -> Described:
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


CHANGES = (*map(_look, LOOKS), *map(_command, COMMANDS), *map(_command, SENT))
