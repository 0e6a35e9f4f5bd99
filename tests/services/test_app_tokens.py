"""Tokens of a GitHub App's installation, exchanged with a fake GitHub."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.world.host.fake_api import FakeApi, serving_api
from tests.world.host.fake_host import Sent, told

from pawl.base.errors import BadValue, Unavailable
from pawl.services.app_tokens import AppTokens
from pawl.world.host.app_token import exchange

KEY = RSAKey.generate_key(2048, private=True)
PATH = "/app/installations/99/access_tokens"
NOW_S = 1_795_262_400.0  # 2026-11-21T12:00:00Z


class Clock:
    """A clock with a dial."""

    def __init__(self) -> None:
        self.now = NOW_S

    def __call__(self) -> float:
        return self.now


def given(content: Any) -> Sent:
    """Return an installation's token, as GitHub gives one for an hour."""
    return told({"token": "ghs_x", "expires_at": "2026-11-21T13:00:00Z"}, 201)


def test_a_token_is_exchanged_and_kept_while_it_is_good() -> None:
    """The app signs for itself for ten minutes, and asks again before the hour is over."""
    host, clock = FakeApi("github"), Clock()
    host.answers[f"POST {PATH}"] = given
    with serving_api(host) as url:
        tokens = AppTokens(
            7, KEY.as_pem(private=True), lambda signed: exchange(url, 99, signed, clock), clock
        )
        assert tokens.token() == tokens.token() == "ghs_x"
        assert len(host.log) == 1
        clock.now += 3299
        tokens.token()
        assert len(host.log) == 1
        clock.now += 1
        tokens.token()
        assert len(host.log) == 2
    said = host.log[0][2]["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(said, KEY, ["RS256"]).claims
    assert claims == {"iss": "7", "iat": int(NOW_S) - 60, "exp": int(NOW_S) + 540}


@pytest.mark.parametrize(
    "answer", [told({"message": "Bad credentials"}, 401), told({}, 201), told({}, 503)]
)
def test_an_exchange_that_fails_gives_nothing(answer: Sent) -> None:
    """Refused, empty or down: there is no token, and no older one is taken."""
    host, clock = FakeApi("github"), Clock()
    host.answers[f"POST {PATH}"] = answer
    with serving_api(host) as url:
        tokens = AppTokens(
            7, KEY.as_pem(private=True), lambda signed: exchange(url, 99, signed, clock), clock
        )
        with pytest.raises(Unavailable):
            tokens.token()


def test_what_is_no_private_key_is_told() -> None:
    """A public key, or no key at all, is refused at the start."""
    for pem in (b"", b"no key", KEY.as_pem(private=False)):
        with pytest.raises(BadValue):
            AppTokens(7, pem, lambda signed: exchange("https://x.example", 1, signed), Clock())
