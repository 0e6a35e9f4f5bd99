"""What happens to an aggregate, as JSON values, so that a replay gives the very same value."""

from typing import Any, TypeVar

import msgspec

from pawl.base import typed

T = TypeVar("T", bound=msgspec.Struct)


class Happened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event: what, to which incident, action, postmortem or debt, when and by which identity.

    `sets` are fields of it, `tells` is what the event says besides: a note's text, who was paged.
    """

    type: str
    subject: str
    at: str
    by: str
    sets: dict[str, Any] = {}
    tells: dict[str, Any] = {}


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a command changes nothing: every reason, and what to do instead."""

    code: str
    reasons: tuple[str, ...]
    hint: str = ""


Answer = tuple[Happened, ...] | Refusal


def made(happened: Happened, kind: type[T]) -> T:
    """Return the value that a first event makes of nothing."""
    return typed.convert(happened.sets, kind)


def after(value: T, happened: Happened) -> T:
    """Return a value after an event; it counts events and knows when the last one was."""
    known = msgspec.to_builtins(value)
    last = {"version": known["version"] + 1, "changed_at": happened.at}
    return typed.convert({**known, **happened.sets, **last}, type(value))


def plain(value: Any) -> Any:
    """Return a value as JSON has it, lists and all, for an event to carry."""
    return msgspec.json.decode(msgspec.json.encode(value))


def refused(code: str, *reasons: str, hint: str = "") -> Refusal:
    """Return a refusal."""
    return Refusal(code=code, reasons=reasons, hint=hint)
