"""Tokens, sessions and kept answers in the records, on both engines."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from pawl.governance.access import (
    Scope,
    Session,
    Token,
    later,
    new_session,
    new_token,
    shipped_access,
    token_text,
)
from pawl.governance.ledger import Actor
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, reading, writing
from pawl.store.records.forgetting import forget
from pawl.store.records.kept_answers import UNKNOWN, KeptAnswers
from pawl.store.records.tokens import TokenRecords

NOW = "2026-11-21T12:00:00.000000Z"
ACTOR = Actor(person="root", source="login", assurance="observed")
ACCESS = shipped_access()
LIMITS = ACCESS.limits


def a_token(number: int = 1, person: str = "ada") -> Token:
    """Return the token with a number."""
    return new_token(
        person,
        (Scope.APPROVE, Scope.CHANGE),
        secret=token_text(bytes([number]) * 32),
        identity=f"tok_{number}",
        now=NOW,
        days=30,
        note="laptop",
        access=ACCESS,
    )


def a_session(token: Token | None, cookie: str = "cookie", now: str = NOW) -> Session:
    """Return a session that began now."""
    return new_session(token, "shared:x", cookie=cookie, csrf="proof", now=now, access=ACCESS)


def test_a_token_is_kept_and_known_by_its_hash(opened: Callable[[], Engine]) -> None:
    """What was created is found again by another process, by its hash and no other."""
    token = a_token()
    TokenRecords(opened()).create(token, ACTOR)
    kept = TokenRecords(opened())
    assert kept.by_hash(token.hash) == token
    assert kept.by_hash(token.prefix) is None
    assert kept.tokens() == (token,)
    assert kept.any_counts(NOW)
    assert not kept.any_counts(token.expires_at)
    with pytest.raises(ValueError, match="used before"):
        kept.create(token, ACTOR)


def test_the_ledger_tells_of_tokens_and_never_their_secret(engine: Engine) -> None:
    """Created and revoked stand there, with neither the text nor its hash."""
    token = a_token()
    kept = TokenRecords(engine)
    kept.create(token, ACTOR)
    kept.revoke(token.id, ACTOR, later(NOW, hours=1), "laptop lost")
    with reading(engine) as connection:
        rows = connection.execute("SELECT type, subject, body FROM ledger ORDER BY seq")
    assert [row["type"] for row in rows] == ["token.created", "token.revoked"]
    told = "".join(row["body"] for row in rows)
    assert "laptop lost" in told
    assert token.hash not in told
    assert token_text(bytes([1]) * 32) not in told
    assert check(engine, replay=True).intact


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tokens SET scopes = 'admin'",
        "UPDATE tokens SET expires_at = '2099-01-01T00:00:00.000000Z'",
        "UPDATE tokens SET hash = 'another'",
        "UPDATE tokens SET person = 'eve'",
        "UPDATE tokens SET revoked_at = '2026-11-21T13:00:00.000000Z'",
        "DELETE FROM tokens",
    ],
)
def test_a_token_changed_behind_the_ledger_is_noticed(engine: Engine, change: str) -> None:
    """More scopes, a later end, another secret, another person: each is a difference."""
    TokenRecords(engine).create(a_token(), ACTOR)
    with writing(engine) as connection:
        connection.execute(change)
    found = check(engine, replay=True).difference
    assert found is not None
    assert found.place == "tokens tok_1"


def test_a_token_that_the_ledger_does_not_know_is_noticed(engine: Engine) -> None:
    """A row that somebody wrote by hand is no token that was handed out."""
    TokenRecords(engine).create(a_token(), ACTOR)
    copied = (
        "INSERT INTO tokens SELECT 'tok_x', person, scopes, prefix, 'h', note, created_at, "
        "expires_at, last_used_at, revoked_at FROM tokens"
    )
    with writing(engine) as connection:
        connection.execute(copied)
    found = check(engine, replay=True).difference
    assert found is not None
    assert (found.place, found.expected) == ("tokens tok_x", "no row")


def test_revoking_ends_what_came_of_a_token(engine: Engine) -> None:
    """Its sessions are gone, those of others stay, and again changes nothing."""
    kept = TokenRecords(engine)
    one, other = a_token(1), a_token(2)
    for token in (one, other):
        kept.create(token, ACTOR)
        assert kept.begin(a_session(token, token.id))
    done = kept.revoke(one.id, ACTOR, NOW, "")
    assert done is not None
    assert done.revoked_at == NOW
    assert kept.session(a_session(one, one.id).hash) is None
    assert kept.session(a_session(other, other.id).hash) is not None
    again = kept.revoke(one.id, ACTOR, later(NOW, hours=1), "")
    assert again == done
    assert kept.revoke("tok_9", ACTOR, NOW, "") is None
    assert not kept.begin(a_session(one, "late"))
    assert kept.session(a_session(one, "late").hash) is None


def test_a_new_session_takes_the_place_of_another(engine: Engine) -> None:
    """What the browser brought along ends, and so does what is over by itself."""
    kept = TokenRecords(engine)
    token = a_token()
    kept.create(token, ACTOR)
    before, now = a_session(token, "before"), a_session(token, "now")
    assert kept.begin(before)
    assert kept.begin(now, replacing=before.hash)
    assert kept.session(before.hash) is None
    assert kept.session(now.hash) == (now, token)
    late = a_session(token, "late", later(NOW, hours=13))
    assert kept.begin(late)
    assert kept.session(now.hash) is None
    kept.end(late.hash)
    assert kept.session(late.hash) is None


def test_a_session_of_the_servers_own_token_has_no_token(engine: Engine) -> None:
    """It is a row like any other, and names which token it was."""
    kept = TokenRecords(engine)
    session = a_session(None)
    assert kept.begin(session)
    assert kept.session(session.hash) == (session, None)


def test_last_use_is_near_enough(engine: Engine) -> None:
    """It is written at most once a minute, and never goes back."""
    kept = TokenRecords(engine)
    token = a_token()
    kept.create(token, ACTOR)
    session = a_session(token)
    kept.begin(session)

    def told() -> tuple[str | None, str]:
        found = kept.session(session.hash)
        assert found is not None
        assert found[1] is not None
        return found[1].last_used_at, found[0].last_seen_at

    kept.used(token, NOW, LIMITS)
    kept.seen(session, later(NOW, seconds=30), LIMITS)
    assert told() == (NOW, NOW)
    minute = later(NOW, seconds=61)
    kept.used(token, minute, LIMITS)
    kept.seen(session, minute, LIMITS)
    assert told() == (minute, minute)
    kept.used(token, NOW, LIMITS)
    assert told() == (minute, minute)
    assert check(engine, replay=True).intact


def test_a_forgotten_person_has_no_token(engine: Engine) -> None:
    """Their name is gone, what they held counts no more, and the ledger still agrees."""
    kept = TokenRecords(engine)
    mine, other = a_token(1, "ada"), a_token(2, "grace")
    for token in (mine, other):
        kept.create(token, ACTOR)
        kept.begin(a_session(token, token.id))
    answers, until = KeptAnswers(engine), later(NOW, hours=72)
    for who, body in (("session:ada", "{}"), ("token:t", '{"by":"Ada"}'), ("token:t2", "{}")):
        answers.claim(who, "k", "hash", NOW, until)
        answers.keep(who, "k", 200, body)
    forget(engine, ("ada",), ACTOR, NOW, reason="asked", key="k1")
    with reading(engine) as connection:
        left = connection.execute("SELECT principal FROM kept_answers")
    assert left == [{"principal": "token:t2"}]
    assert kept.by_hash(mine.hash) is None
    assert kept.session(a_session(mine, mine.id).hash) is None
    assert kept.by_hash(other.hash) == other
    with reading(engine) as connection:
        rows = connection.execute("SELECT person, note, scopes FROM tokens ORDER BY id")
        told = connection.execute("SELECT body FROM ledger WHERE type = 'token.created'")
    assert rows[0]["person"] == "forgotten"
    assert '"ada"' not in "".join(row["body"] for row in told)
    assert check(engine, replay=True).intact


def test_a_key_stands_for_one_request(opened: Callable[[], Engine]) -> None:
    """The first claims it; later ones are told what is kept, until it is cleared away."""
    kept = KeptAnswers(opened())
    until = later(NOW, hours=72)
    assert kept.claim("ada", "k", "hash", NOW, until) is None
    found = kept.claim("ada", "k", "other", NOW, until)
    assert found is not None
    assert (found.request_hash, found.status) == ("hash", UNKNOWN)
    kept.keep("ada", "k", 200, "{}")
    again = KeptAnswers(opened()).claim("ada", "k", "hash", later(NOW, hours=71), until)
    assert again is not None
    assert msgspec.structs.astuple(again) == ("hash", 200, "{}")
    assert kept.claim("grace", "k", "hash", NOW, until) is None
    kept.release("ada", "k")
    assert kept.claim("ada", "k", "hash", NOW, until) is not None
    kept.release("grace", "k")
    assert kept.claim("grace", "k", "hash", NOW, until) is None
    assert kept.claim("ada", "k", "new", until, later(until, hours=72)) is None


def test_of_many_who_claim_a_key_one_does(engine: Engine) -> None:
    """However many send it at once, one is told that it is theirs."""
    kept = KeptAnswers(engine)
    until = later(NOW, hours=72)

    def claim(_: int) -> bool:
        return kept.claim("ada", "k", "hash", NOW, until) is None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(16))) == 1
