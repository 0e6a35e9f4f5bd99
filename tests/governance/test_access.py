"""Tokens and sessions: what they may ask, until when, and whom they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pawl.base.errors import BadFile, BadValue
from pawl.governance.access import (
    Principal,
    Scope,
    Token,
    counts,
    expanded,
    later,
    load_access,
    looks_like_token,
    new_session,
    new_token,
    of_machine,
    of_session,
    of_shared,
    of_token,
    parse_scopes,
    secret_hash,
    session_counts,
    shared_name,
    shipped_access,
    state_of,
    token_text,
)
from pawl.governance.roster import plain_identity

NOW = "2026-11-21T12:00:00.000000Z"
ACCESS = shipped_access()
SECRET = token_text(bytes(range(32)))


def a_token(*scopes: Scope, days: int | None = None, person: str = "ada", note: str = "") -> Token:
    """Return a token of a person."""
    return new_token(
        person,
        scopes or (Scope.READ,),
        secret=SECRET,
        identity="tok_1",
        now=NOW,
        days=days,
        note=note,
        access=ACCESS,
    )


def test_what_is_kept_of_a_token_is_no_token() -> None:
    """Neither hash nor prefix opens anything, and the prefix tells a dozen letters."""
    token = a_token()
    assert looks_like_token(SECRET)
    assert SECRET not in repr(token)
    assert SECRET.startswith(token.prefix)
    assert len(token.prefix) == 12
    assert token.hash == secret_hash(SECRET)
    assert not looks_like_token(token.hash)


@given(st.binary(min_size=32, max_size=32))
def test_every_token_has_the_form_of_one(random: bytes) -> None:
    """Whatever the bytes, the text is recognised, and no two bytes give one text."""
    assert looks_like_token(token_text(random))
    other = bytes([random[0] ^ 1]) + random[1:]
    assert token_text(other) != token_text(random)


def test_a_token_is_made_of_256_bits() -> None:
    """Fewer are a defect of ours and not a weak token."""
    with pytest.raises(ValueError, match="32"):
        token_text(b"short")


@pytest.mark.parametrize("person", ["", "a b", "a:b", "a|b", "x" * 121, "a\n", "\x00"])
def test_a_token_names_somebody(person: str) -> None:
    """A name that no roster could list, or that reads as another identity, is refused."""
    with pytest.raises(BadValue) as caught:
        a_token(person=person)
    assert caught.value.place == "--person"


@pytest.mark.parametrize("days", [0, -1, 367, 10**9])
def test_no_token_is_for_good(days: int) -> None:
    """It lasts a day at least and a year at most."""
    with pytest.raises(BadValue, match="1 to 366 days"):
        a_token(days=days)


def test_a_note_is_a_line() -> None:
    """What would break a list's lines is refused."""
    with pytest.raises(BadValue, match="one line"):
        a_token(note="a\nb")


def test_a_token_counts_until_it_does_not() -> None:
    """Its end is the first instant that no longer counts; revoked is said before expired."""
    token = a_token(days=1)
    assert token.expires_at == "2026-11-22T12:00:00.000000Z"
    assert counts(token, NOW)
    assert counts(token, "2026-11-22T11:59:59.999999Z")
    assert not counts(token, token.expires_at)
    assert not counts(token, "2026-11-21T11:59:59.999999Z")
    assert state_of(token, token.expires_at) == "expired"
    revoked = replace(token, revoked_at=NOW)
    assert not counts(revoked, NOW)
    assert state_of(revoked, token.expires_at) == "revoked"


def test_a_session_ends_with_idleness_its_own_end_and_its_token() -> None:
    """Two hours unseen, twelve hours in all, and never longer than the token."""
    limits = ACCESS.limits
    session = new_session(a_token(), "", cookie="c", csrf="p", now=NOW, access=ACCESS)
    assert session_counts(session, later(NOW, minutes=119), limits)
    assert not session_counts(session, later(NOW, minutes=120), limits)
    assert session.expires_at == later(NOW, hours=12)
    assert not session_counts(session, later(NOW, minutes=-1), limits)
    assert "c" != session.hash == secret_hash("c")
    token = replace(a_token(), expires_at=later(NOW, minutes=5))
    brief = new_session(token, "", cookie="c", csrf="p", now=NOW, access=ACCESS)
    assert brief.expires_at == later(NOW, minutes=5)


def test_who_asks_is_named_by_what_they_hold() -> None:
    """A token and a session have identities that a roster can list, as they are compared."""
    token = a_token(Scope.APPROVE)
    by_token = of_token(token, ACCESS)
    assert by_token.identity == "token:tok_1" == plain_identity(by_token.identity)
    session = new_session(token, "", cookie="c", csrf="p", now=NOW, access=ACCESS)
    signed_in = of_session(session, ACCESS)
    assert (signed_in.identity, signed_in.csrf) == ("session:ada", "p")
    assert signed_in.may(Scope.APPROVE)
    assert signed_in.may(Scope.READ)
    assert not signed_in.may(Scope.CHANGE)


def test_the_servers_own_token_names_nobody_and_never_approves() -> None:
    """It sees, takes telemetry in and operates; so does whoever sits at the machine."""
    shared = new_session(None, shared_name("x"), cookie="c", csrf="p", now=NOW, access=ACCESS)
    for who in (of_shared(ACCESS), of_session(shared, ACCESS), of_machine(ACCESS)):
        assert who.identity == ""
        assert who.may(Scope.READ)
        assert who.may(Scope.INGEST)
        for scope in (Scope.APPROVE, Scope.CHANGE, Scope.EVIDENCE, Scope.ADMIN):
            assert not who.may(scope)
    assert shared_name("x") != shared_name("y")
    assert not Principal().may(Scope.READ)


@given(st.sets(st.sampled_from(list(Scope))))
def test_scopes_only_bring_what_the_table_says(scopes: set[Scope]) -> None:
    """Approving comes of `approve` and `admin` alone; expanding twice adds nothing."""
    found = expanded(scopes, ACCESS)
    assert scopes <= found
    assert expanded(found, ACCESS) == found
    assert (Scope.APPROVE in found) == bool(scopes & {Scope.APPROVE, Scope.ADMIN})
    if Scope.ADMIN in scopes:
        assert found == set(Scope)


def test_scopes_are_written_with_commas() -> None:
    """They are sorted and stand once; a word that is none is named."""
    assert parse_scopes("read, approve,read", place="x") == (Scope.APPROVE, Scope.READ)
    with pytest.raises(BadValue, match="'root' is no scope"):
        parse_scopes("read,root", place="x")
    with pytest.raises(BadValue, match="No scope"):
        parse_scopes(" , ", place="x")


def test_a_table_that_leaves_something_open_is_refused() -> None:
    """Every scope has a meaning and no limit is zero."""
    from importlib.resources import files

    text = files("pawl.governance").joinpath("access.yaml").read_text(encoding="utf-8")
    with pytest.raises(BadFile, match="ingest"):
        load_access(text.replace("  ingest: {means: Send telemetry.}\n", ""), place="x")
    with pytest.raises(BadFile, match="1 or more"):
        load_access(text.replace("session_hours: 12", "session_hours: 0"), place="x")
