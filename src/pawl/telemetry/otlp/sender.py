"""What a sender is: a product, or a convention, whose telemetry we can read.

A sender is one small file below `senders` and a table of names beside it. What its names mean
is in `facts` and `measures`, the same for all.
"""

from collections.abc import Callable
from functools import cache

import msgspec

from pawl.base.catalogue import discover
from pawl.telemetry.otlp import senders
from pawl.telemetry.otlp.naming import Names, fits


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """One family of senders.

    `agent` is the product's id; None takes the name that the service gives itself. `names` loads
    its table.
    """

    agent: str | None
    names: Callable[[], Names]


def sender_of(service: str, scope: str) -> Sender:
    """Return the sender of a scope: by its service, else by its scope, else the fallback."""
    fallback: Sender | None = None
    by_scope: Sender | None = None
    for sender in _senders():
        names = sender.names()
        if names.fallback:
            fallback = fallback or sender
        elif fits(service, names.services):
            return sender
        elif by_scope is None and fits(scope, names.scopes):
            by_scope = sender
    found = by_scope or fallback
    if found is None:
        raise TypeError("no sender is the fallback")
    return found


@cache
def _senders() -> tuple[Sender, ...]:
    found = discover(senders, "SENDER", Sender)
    return tuple(found[name] for name in sorted(found))
