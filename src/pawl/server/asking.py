"""Who a request comes from, as the guard found it."""

from starlette.requests import Request
from starlette.types import Scope as Asgi

from pawl.governance.access import Principal
from pawl.governance.ledger import Actor
from pawl.services.change_terms import By

_WHO = "pawl.principal"
NOBODY = Principal()


def set_principal(scope: Asgi, principal: Principal) -> None:
    """Say who a request comes from; the guard's alone to say."""
    scope[_WHO] = principal


def principal_of(request: Request) -> Principal:
    """Return who a request comes from; nobody where the guard let it pass unasked."""
    return principal_in(request.scope)


def principal_in(scope: Asgi) -> Principal:
    """Return who a request with that scope comes from."""
    found = scope.get(_WHO, NOBODY)
    assert isinstance(found, Principal)
    return found


def by_of(request: Request) -> By:
    """Return who gives a command about a change. Whoever is not named has no identity."""
    who = principal_of(request)
    return By(
        identity=who.identity,
        source=who.source,
        assurance="authenticated" if who.identity else "declared",
    )


def actor_of(request: Request) -> Actor:
    """Return who acts, for the ledger."""
    who = principal_of(request)
    return Actor(person=who.person, source=who.source, assurance=who.assurance)
