"""Tokens of a GitHub App's installation: good for an hour, and made anew from the app's key.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import threading
from collections.abc import Callable
from typing import Any

from pawl.base.errors import BadValue, Unavailable
from pawl.base.times import parse_time
from pawl.maturity.host_questions import Answer

BACK_S, AHEAD_S = 60, 540
"""Seconds before and after now for which the app's own token is good; GitHub takes ten minutes."""
EARLY_S = 300.0
"""Seconds before its end that an installation's token is no longer taken."""


class AppTokens:
    """The token of one installation. `exchange` sends the app's own token for it, once."""

    def __init__(
        self, app: int, key: bytes, exchange: Callable[[str], Answer], clock: Callable[[], float]
    ) -> None:
        """Take the id of the app and its private key in PEM; raises BadValue for no key."""
        self._app = app
        self._key = _private_key(key)
        self._exchange = exchange
        self._clock = clock
        self._known: tuple[float, str] = (float("-inf"), "")
        self._lock = threading.Lock()

    def token(self) -> str:
        """Return a token that is good for some minutes; raises Unavailable where none is given."""
        with self._lock:
            ends, known = self._known
            if self._clock() < ends - EARLY_S:
                return known
            answer = self._exchange(self._signed())
            told = answer.value if answer.outcome == "told" else None
            found = told if isinstance(told, dict) else {}
            token, until = found.get("token"), found.get("expires_at")
            if not isinstance(token, str) or not token or not isinstance(until, str):
                raise Unavailable(
                    f"GitHub gives no token for the app: {answer.reason or 'it says nothing'}.",
                    place="[changes] github_app",
                    hint="Check the app's id, its installation and its key.",
                )
            self._known = (parse_time(until).timestamp(), token)
            return token

    def _signed(self) -> str:
        from joserfc import jwt

        now = int(self._clock())
        claims = {"iat": now - BACK_S, "exp": now + AHEAD_S, "iss": str(self._app)}
        return jwt.encode({"alg": "RS256", "typ": "JWT"}, claims, self._key, ["RS256"])


def _private_key(pem: bytes) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    try:
        key = RSAKey.import_key(pem)
        private = key.is_private
    except (JoseError, ValueError, TypeError):
        private = False
    if not private:
        raise BadValue(
            "The app's key is no private RSA key.",
            place="PAWL_GITHUB_APP_KEY",
            hint="Name the .pem file that GitHub made for the app.",
        )
    return key
