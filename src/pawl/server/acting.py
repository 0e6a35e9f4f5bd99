"""Who gives a command by a form: the person signed in, or nobody in particular."""

from starlette.requests import Request

from pawl.services.change_terms import By

NOBODY = By(identity="", source="page", assurance="declared")
"""Somebody at this machine: no rule can ever count that as a person."""


def acting(request: Request) -> By | None:
    """Return who is signed in, None where that names no person."""
    by = acting_as(request)
    return by if by.identity else None


def acting_as(request: Request) -> By:
    """Return who gives a command, `NOBODY` where nobody is named."""
    found = getattr(request.state, "by", None)
    return found if isinstance(found, By) else NOBODY
