"""Verify a CI job's identity token, and take the evidence that it brings.

RS256 alone is taken, with a key that the issuer publishes now. Keys are kept for an hour, and asked
for anew when a token names another, though not more often than once a minute, so nobody can have us
ask all the time. Where the keys cannot be had nothing is known of a token, and nothing is taken.
"""

import binascii
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from pawl.base.errors import BadValue, CannotTell
from pawl.changes.change import Refusal
from pawl.changes.ci_trust import CiRun, CiTrust, accept
from pawl.changes.evidence import Evidence, read_statement, sealed
from pawl.services.change_terms import By

MAX_TOKEN = 16 * 1024
"""Characters of a token; hosts make some of 2 KiB."""
MAX_KEYS = 100
"""Keys of one issuer."""
FRESH_S = 3600.0
"""Seconds for which published keys are taken as they were."""
AGAIN_S = 60.0
"""Seconds between two questions for keys of one issuer."""
LEAST_BITS, MOST_BITS = 2048, 16_384
"""Of an RSA key: at least by https://www.rfc-editor.org/rfc/rfc7518#section-3.3, at most because
verifying takes the longer."""
MAX_STATEMENT = 4 * 1024 * 1024
"""Bytes of one statement of evidence."""


class Once(Protocol):
    """Remembers what was heard, across restarts and processes."""

    def first(self, source: str, name: str, until: str) -> bool:
        """Say whether a name is new from a source, and keep it until a time at least."""


class Keyring:
    """Published keys of issuers. `clock` counts seconds.

    `fetch` returns the key set of an issuer of a kind (`github`, `gitlab`), or raises CannotTell.
    """

    def __init__(self, fetch: Callable[[str, str], bytes], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}
        self._failed: dict[str, float] = {}
        self._lock = threading.Lock()

    def key(self, issuer: str, kind: str, name: str) -> Any | None:
        """Return an issuer's key by its id, None where it publishes none; raises CannotTell."""
        with self._lock:
            now = self._clock()
            asked_at, keys = self._known.get(issuer, (float("-inf"), {}))
            if now - asked_at < (FRESH_S if name in keys else AGAIN_S):
                return keys.get(name)
            if now - self._failed.get(issuer, float("-inf")) < AGAIN_S:
                raise _no_keys(issuer, "it was asked a moment ago and did not answer")
            try:
                keys = _keys(self._fetch(issuer, kind), issuer)
            except CannotTell:
                self._failed[issuer] = now
                raise
            self._known[issuer] = (now, keys)
            return keys.get(name)


def verify_ci_token(
    token: str, trust: CiTrust, keyring: Keyring, once: Once, *, now: str
) -> CiRun | Refusal:
    """Return which trusted job a token proves, or why it proves none. It proves it once.

    Raises CannotTell where the issuer's keys cannot be had.
    """
    try:
        header, unproved = _opened(token)
    except BadValue as error:
        return _refused(error.message)
    issuer, name = unproved.get("iss"), header.get("kid")
    if header.get("alg") != "RS256" or {"crit", "b64", "zip", "enc"} & header.keys():
        return _refused("It is not signed with RS256 alone.")
    if not isinstance(name, str) or not isinstance(issuer, str):
        return _refused("It does not name its key and its issuer.")
    kinds = {each.issued_by: each.kind for each in trust.trusted}
    if issuer not in kinds:
        return _refused("Nobody trusts its issuer.")
    key = keyring.key(issuer, kinds[issuer], name)
    if key is None:
        return _refused("Its issuer publishes no such key.")
    claims = _proved(token, key)
    if claims is None:
        return _refused("Its signature does not hold.")
    run = accept(claims, trust, now=now)
    if isinstance(run, Refusal):
        return run
    if not once.first(f"ci-token:{run.issuer}", run.jti, run.ends_at):
        return _refused("It was used before; each token is good once.")
    return run


def evidence_of(statement: bytes, run: CiRun, *, now: str) -> Evidence:
    """Return the evidence that a job hands over; raises BadFile for what is no statement.

    Whatever the statement says of its producer, it is of this job, and says of which run.
    """
    if len(statement) > MAX_STATEMENT:
        raise BadValue(f"The statement is larger than {MAX_STATEMENT:,} bytes.", place="body")
    try:
        told = msgspec.json.decode(statement)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadValue(f"The statement is no JSON: {error}.", place="body") from error
    if not isinstance(told, dict):
        raise BadValue("The statement is no object.", place="body")
    found = read_statement(told, identity="", recorded_at=now, producer=run.producer, place="body")
    said = {"run": run.run, "attempt": run.attempt, "environment": run.environment}
    return sealed(msgspec.structs.replace(found, payload={**found.payload, "ci": said}))


def by_ci(run: CiRun) -> By:
    """Return a job as the one who gives a command."""
    return By(identity=run.producer, source="ci", assurance="authenticated")


def _opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token, neither proved; raises BadValue for what is none."""
    if len(token) > MAX_TOKEN:
        raise BadValue("It is larger than tokens are.")
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise BadValue("It is no signed token.")
    return _object(parts[0]), _object(parts[1])


def _object(part: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadValue("It is no signed token.") from error
    if not isinstance(found, dict):
        raise BadValue("It is no signed token.")
    return found


def _proved(token: str, key: Any) -> Mapping[str, Any] | None:
    """Return the claims of a token whose signature holds."""
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        found = jws.deserialize_compact(token, key, algorithms=["RS256"])
        claims = msgspec.json.decode(found.payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError, msgspec.DecodeError):
        return None
    return claims if isinstance(claims, dict) else None


def _keys(text: bytes, issuer: str) -> dict[str, Any]:
    """Return the keys of a set that may sign tokens, by id; raises CannotTell for no set."""
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    try:
        listed = msgspec.json.decode(text)["keys"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, RecursionError) as error:
        raise _no_keys(issuer, "what it publishes is no set of keys") from error
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise _no_keys(issuer, "what it publishes is no set of keys")
    found: dict[str, Any] = {}
    for each in listed:
        if not isinstance(each, dict) or each.get("kty") != "RSA":
            continue
        name, n, e = (str(each.get(part, "")) for part in ("kid", "n", "e"))
        if not (name and n and e) or name in found:
            continue
        if each.get("use", "sig") != "sig" or each.get("alg", "RS256") != "RS256":
            continue
        if not LEAST_BITS <= _bits(n) <= MOST_BITS:
            continue
        try:
            found[name] = RSAKey.import_key({"kty": "RSA", "n": n, "e": e})
        except (JoseError, ValueError, TypeError, OverflowError):
            continue
    return found


def _bits(number: str) -> int:
    """Return how many bits a number in base 64 has; 0 for what is none."""
    try:
        return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()
    except ValueError:
        return 0


def _no_keys(issuer: str, why: str) -> CannotTell:
    return CannotTell(
        f"the keys of {issuer} cannot be had: {why}.",
        place=issuer,
        hint="Try again later; until then no token of it is taken.",
    )


def _refused(why: str) -> Refusal:
    return Refusal(
        code="bad-token",
        reasons=(why,),
        hint="Ask for a new token in a job that .pawl/ci.yaml of the protected branch names.",
    )
