"""Fetch the keys with which a CI system signs its identity tokens.

The address is the issuer's own, at the path that each product documents; no other is asked,
whatever a token or a discovery document names.
"""

from pawl.base.errors import BadValue, CannotTell
from pawl.world.host.asking import Asking

PATHS = {"github": "/.well-known/jwks", "gitlab": "/oauth/discovery/keys"}
TIMEOUT_S = 10.0
MAX_BYTES = 256 * 1024


def fetch_keys(issuer: str, kind: str) -> bytes:
    """Return the key set of an issuer as text; raises CannotTell where it cannot be had."""
    try:
        # As with a secret: nobody on the way may change what comes back.
        asking = Asking(issuer, {}, secret=True, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES)
    except BadValue as error:
        raise _cannot(issuer, error.message) from error
    try:
        reply = asking.get(PATHS[kind])
    finally:
        asking.close()
    if reply.broken or reply.status != 200:
        raise _cannot(issuer, reply.broken or f"it answers {reply.status}")
    return reply.body


def _cannot(issuer: str, why: str) -> CannotTell:
    return CannotTell(
        f"the keys of the issuer cannot be had: {why}.",
        place=issuer,
        hint="Try again later; until then no token of it is taken.",
    )
