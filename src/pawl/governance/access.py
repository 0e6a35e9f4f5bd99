"""Who is asking: tokens with scopes, sessions, and until when either counts.

A token is 256 random bits that are shown once; kept is their SHA-256, which is enough to know them
again and of no use to whoever reads the store. It names a person, says what may be asked with it,
and gives no role: who may decide what is the roster's. A session is what a browser holds after
signing in with a token; it ends with it.

Pure: randomness and the time are arguments.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_yaml
from pawl.base.times import format_time, parse_time

SECRET_BYTES = 32
"""Random bytes of a token, of a session's id and of its CSRF secret."""
SHOWN = 12
"""Letters of a token that are kept in the open, so that its owner knows which one it is."""
_TOKEN = re.compile(r"pawl_[A-Za-z0-9_-]{43}")
_PERSON = re.compile(r"[^\s:|\x00-\x1f\x7f]{1,120}")


class Scope(StrEnum):
    """What a request may ask at all."""

    INGEST = "ingest"
    READ = "read"
    OPERATE = "operate"
    EVIDENCE = "evidence"
    CHANGE = "change"
    APPROVE = "approve"
    DECLARE = "declare"
    INCIDENT = "incident"
    ADMIN = "admin"


class Meaning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scope is for, and which others it brings."""

    means: str
    includes: tuple[Scope, ...] = ()


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long things count, and how often may be tried; units are in the names."""

    token_days: int
    token_days_max: int
    session_idle_minutes: int
    session_hours: int
    seen_every_seconds: int
    sign_in_failures: int
    sign_in_window_seconds: int
    answer_kept_hours: int


class Access(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table; `shared` is what the token that a server is started with may ask."""

    schema: Literal["pawl.access/1"]
    version: str
    as_of: str
    scopes: dict[Scope, Meaning]
    shared: tuple[Scope, ...]
    limits: Limits
    sources: dict[str, str]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is kept. `hash` is that of its text, `prefix` how the text begins."""

    id: str
    person: str
    scopes: tuple[Scope, ...]
    prefix: str
    hash: str
    note: str = ""
    created_at: str
    expires_at: str
    last_used_at: str | None = None
    revoked_at: str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that signed in. `hash` is that of its cookie; `csrf` stands in its forms.

    `token` is what it came from: a token's id, or `shared:` and a digest for the server's own,
    which names nobody (`person` is empty).
    """

    hash: str
    csrf: str
    person: str
    token: str
    scopes: tuple[Scope, ...]
    created_at: str
    last_seen_at: str
    expires_at: str


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as far as the server knows it.

    `identity` is what a roster may list: `token:<id>`, `session:<person>`, `oidc:…`; empty where
    nobody is named. `csrf` is what a changing request of a session has to bring.
    """

    identity: str = ""
    person: str = ""
    source: str = "page"
    assurance: str = "declared"
    scopes: frozenset[Scope] = frozenset()
    csrf: str = ""

    def may(self, scope: Scope) -> bool:
        """Say whether a request that needs a scope is this principal's to make."""
        return scope in self.scopes

    @property
    def key(self) -> str:
        """What tells this principal's requests from those of others; never empty."""
        return self.identity or f"nobody:{self.source}"


@cache
def shipped_access() -> Access:
    """Return the table that comes with Pawl."""
    text = files("pawl.governance").joinpath("access.yaml").read_text(encoding="utf-8")
    return load_access(text, place="access.yaml")


def load_access(text: str, *, place: str) -> Access:
    """Return a table from YAML; raises BadFile for one that leaves a scope out or a limit at 0."""
    access = load_yaml(text, Access, place=place)
    missing = sorted(set(Scope) - access.scopes.keys())
    if missing:
        raise BadFile(f"does not say what {missing[0]} means.", place=place)
    for name, value in msgspec.structs.asdict(access.limits).items():
        if value < 1:
            raise BadFile("must be 1 or more.", place=f"{place}: limits.{name}")
    return access


def expanded(scopes: Iterable[Scope], access: Access) -> frozenset[Scope]:
    """Return scopes with all that they bring."""
    found: set[Scope] = set()
    waiting = list(scopes)
    while waiting:
        scope = waiting.pop()
        if scope not in found:
            found.add(scope)
            waiting += access.scopes[scope].includes
    return frozenset(found)


def parse_scopes(text: str, *, place: str) -> tuple[Scope, ...]:
    """Return scopes written with commas between them, sorted; raises BadValue."""
    found: set[Scope] = set()
    for word in filter(None, (each.strip() for each in text.split(","))):
        try:
            found.add(Scope(word))
        except ValueError:
            raise BadValue(
                f"{word[:60]!r} is no scope.", place=place, hint=f"Choose from {', '.join(Scope)}."
            ) from None
    if not found:
        raise BadValue("No scope is named.", place=place, hint="Write some such as read,approve.")
    return tuple(sorted(found))


def new_token(
    person: str,
    scopes: tuple[Scope, ...],
    *,
    secret: str,
    identity: str,
    now: str,
    days: int | None,
    note: str,
    access: Access,
) -> Token:
    """Return a token for a person; raises BadValue for a name, a note or a time that cannot be.

    `secret` is its text as `token_text` makes it, `identity` its id.
    """
    limits = access.limits
    lasts = limits.token_days if days is None else days
    if not 1 <= lasts <= limits.token_days_max:
        raise BadValue(
            f"A token lasts 1 to {limits.token_days_max} days, not {lasts}.", place="--days"
        )
    if not _PERSON.fullmatch(person):
        raise BadValue(
            f"{person[:60]!r} is no name of a person: no spaces, colons or bars, 120 letters.",
            place="--person",
            hint="Name the person by their id in .pawl/roster.yaml.",
        )
    if len(note) > 200 or not note.isprintable():
        raise BadValue("A note is one line of 200 letters at most.", place="--note")
    return Token(
        id=identity,
        person=person,
        scopes=scopes,
        prefix=secret[:SHOWN],
        hash=secret_hash(secret),
        note=note,
        created_at=now,
        expires_at=later(now, days=lasts),
    )


def token_text(random: bytes) -> str:
    """Return the text of a token made of 32 random bytes."""
    from base64 import urlsafe_b64encode

    if len(random) != SECRET_BYTES:
        raise ValueError("a token is made of 32 bytes")
    return f"pawl_{urlsafe_b64encode(random).decode().rstrip('=')}"


def looks_like_token(text: str) -> bool:
    """Say whether a text has the form of our tokens; anything else need not be looked up."""
    return _TOKEN.fullmatch(text) is not None


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret. It has 256 random bits, so a slow hash adds nothing."""
    return sha256_hex(secret.encode())


def counts(token: Token, now: str) -> bool:
    """Say whether a token counts: not revoked, not expired, not of a time to come."""
    return token.revoked_at is None and token.created_at <= now < token.expires_at


def state_of(token: Token, now: str) -> str:
    """Return `valid`, `revoked` or `expired`."""
    if token.revoked_at is not None:
        return "revoked"
    return "valid" if counts(token, now) else "expired"


def session_counts(session: Session, now: str, limits: Limits) -> bool:
    """Say whether a session counts: it was seen lately, and its end has not come."""
    idle = later(session.last_seen_at, minutes=limits.session_idle_minutes)
    return session.created_at <= now < min(idle, session.expires_at)


def new_session(
    token: Token | None, shared: str, *, cookie: str, csrf: str, now: str, access: Access
) -> Session:
    """Return the session of a browser that signed in with a token, or with the server's own.

    It lasts no longer than its token. `shared` says which token of the server's it was.
    """
    ends = later(now, hours=access.limits.session_hours)
    scopes = access.shared if token is None else token.scopes
    return Session(
        hash=secret_hash(cookie),
        csrf=csrf,
        person="" if token is None else token.person,
        token=shared if token is None else token.id,
        scopes=tuple(sorted(scopes)),
        created_at=now,
        last_seen_at=now,
        expires_at=ends if token is None else min(ends, token.expires_at),
    )


def shared_name(token: str) -> str:
    """Return how sessions name the server's own token: another one ends them all."""
    return f"shared:{sha256_hex(f'pawl shared {token}'.encode())[:32]}"


def of_token(token: Token, access: Access) -> Principal:
    """Return who asks with a token."""
    return Principal(
        identity=f"token:{token.id}",
        person=token.person,
        source="token",
        assurance="authenticated",
        scopes=expanded(token.scopes, access),
    )


def of_session(session: Session, access: Access) -> Principal:
    """Return who asks from a browser that signed in."""
    scopes = expanded(session.scopes, access)
    if not session.person:
        return of_shared(access, csrf=session.csrf)
    return Principal(
        identity=f"session:{session.person}",
        person=session.person,
        source="session",
        assurance="authenticated",
        scopes=scopes,
        csrf=session.csrf,
    )


def of_shared(access: Access, csrf: str = "") -> Principal:
    """Return whoever holds the token that the server was started with: nobody in particular."""
    return Principal(
        person="holder of the server's token",
        source="token",
        assurance="observed",
        scopes=expanded(access.shared, access),
        csrf=csrf,
    )


def of_machine(access: Access) -> Principal:
    """Return whoever sits at the machine that the server runs on, where none need sign in."""
    return Principal(person="somebody at this machine", scopes=expanded(access.shared, access))


def later(start: str, **lasts: int) -> str:
    """Return the canonical instant so many `days`, `hours`, `minutes` or `seconds` later."""
    return format_time(parse_time(start) + timedelta(**lasts))
