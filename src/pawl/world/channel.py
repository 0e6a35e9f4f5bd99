"""What a channel of notices is, and the one way in which they post over HTTP.

Where a notice goes is said by the machine's own config only. No redirect is followed: it would
lead where nobody configured. What a receiver answers is read up to a bound and told to nobody, and
neither is the address, which may be a secret itself.
"""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import NotDelivered, numbers
from pawl.runs.alert_settings import ChannelSettings
from pawl.world.posting import address_of, named_secret

if TYPE_CHECKING:
    import httpx


class Sender(Protocol):
    """A channel that is ready to send."""

    def send(self, notice: Notice, now: str) -> None:
        """Send one notice; returns once it was taken. Raises NotDelivered."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel is opened with. `link` is where this server's pages are.

    `place` names the channel in the config, for errors.
    """

    settings: ChannelSettings
    place: str
    link: str = ""
    environment: Mapping[str, str] = os.environ


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of channel. `open` raises BadValue for settings with which it cannot work."""

    title: str
    open: Callable[[Opening], Sender]


def secret(opening: Opening, name: str | None, what: str) -> str | None:
    """Return the secret in the environment variable that the config names, None without one.

    Raises BadValue, with the variable's name and never with a value, where it is not set.
    """
    if name is None:
        return None
    return named_secret(name, opening.environment, opening.place, what)


def address(opening: Opening, schemes: tuple[str, ...] = ("https", "http")) -> str:
    """Return the address of the config, or the one in `env:NAME`; raises BadValue."""
    return address_of(opening.settings.url, opening.environment, opening.place, schemes)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post JSON and return when the receiver took it; raises NotDelivered for anything else."""
    import httpx

    found = numbers()
    try:
        with (
            httpx.Client(timeout=found.timeout_s, follow_redirects=False) as client,
            client.stream(
                "POST",
                url,
                content=body,
                headers={"content-type": "application/json", "user-agent": "pawl", **headers},
            ) as answer,
        ):
            _read_some(answer, found.answer_bytes_max)
            status, retry = answer.status_code, answer.headers.get("retry-after", "")
    except httpx.TimeoutException:
        raise NotDelivered(f"the receiver gave no answer within {found.timeout_s:g} s.") from None
    except httpx.ConnectError:
        raise NotDelivered("the receiver cannot be reached.") from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        # The text of these may hold the address.
        raise NotDelivered(f"sending failed ({type(error).__name__}).") from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotDelivered(f"the receiver answered {status}; redirects are not followed.")
    seconds = float(retry) if retry.isascii() and retry.isdigit() and len(retry) < 7 else None
    raise NotDelivered(
        f"the receiver answered {status}.", retry_after_s=seconds, final=status == 410
    )


def _read_some(answer: "httpx.Response", most: int) -> None:
    """Read up to a bound, so that a short answer leaves nothing unread; the rest is let go."""
    size = 0
    for chunk in answer.iter_raw(most):
        size += len(chunk)
        if size >= most:
            return
