"""Whose telemetry it is: all senders there are, and the one that a scope is of."""

from functools import cache

from pawl.base.catalogue import discover
from pawl.telemetry.otlp import senders
from pawl.telemetry.otlp.naming import fits
from pawl.telemetry.otlp.sender import Sender


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
