"""Asking a service that the machine's owner named, over HTTP: its address, its secret, its answer.

No redirect is followed: it would lead where nobody configured. No message names the address or the
secret, and an answer is read up to a bound and within a time, however slowly it comes.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from pawl.base.errors import BadValue

if TYPE_CHECKING:
    import httpx


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered. `problem` is a sentence where it was no plain yes; empty after a 2xx."""

    status: int | None = None
    body: bytes = b""
    problem: str = ""


def named_secret(
    name: str, environment: Mapping[str, str], place: str, what: str = "The signing secret"
) -> str:
    """Return the secret in a variable that the config names; raises BadValue, without a value."""
    value = environment.get(name)
    if not value:
        raise BadValue(
            f"{what} is to be in the environment variable {name[:80]!r}, which is not set.",
            place=place,
            hint="Set it for the process of `pawl up`, then start it again.",
        )
    return value


def address_of(
    text: str | None,
    environment: Mapping[str, str],
    place: str,
    schemes: tuple[str, ...] = ("https", "http"),
) -> str:
    """Return an address of the config, or the one in `env:NAME`; raises BadValue."""
    if text is not None and text.startswith("env:"):
        text = named_secret(text.removeprefix("env:"), environment, place, "The address")
    hint = f'Write url = "{schemes[0]}://…", or "env:NAME" for one in the environment.'
    if not text:
        raise BadValue("There is no url.", place=place, hint=hint)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        # Without the value: it may be a secret.
        raise BadValue(f"The url is not one of {', '.join(schemes)}.", place=place, hint=hint)
    return text


def asked(
    url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float, most: int
) -> Asked:
    """Post JSON and return what was answered, up to `most` bytes and `timeout_s` seconds in all."""
    import httpx

    ends = time.monotonic() + timeout_s
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=False) as client,
            client.stream(
                "POST",
                url,
                content=body,
                headers={"content-type": "application/json", "user-agent": "pawl", **headers},
            ) as answer,
        ):
            return _answered(answer, ends, most)
    except httpx.TimeoutException:
        return Asked(problem=f"no answer within {timeout_s:g} s.")
    except httpx.ConnectError:
        return Asked(problem="it cannot be reached.")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        # The text of these may hold the address.
        return Asked(problem=f"asking failed ({type(error).__name__}).")


def _answered(answer: "httpx.Response", ends: float, most: int) -> Asked:
    found = bytearray()
    for chunk in answer.iter_bytes(65_536):
        found += chunk
        if len(found) > most:
            return Asked(
                status=answer.status_code, problem=f"it answered more than {most:,} bytes."
            )
        # Each part may come in time and all of them never.
        if time.monotonic() > ends:
            return Asked(status=answer.status_code, problem="its answer did not end in time.")
    status = answer.status_code
    if 200 <= status < 300:
        return Asked(status=status, body=bytes(found))
    more = "; redirects are not followed" if 300 <= status < 400 else ""
    return Asked(status=status, problem=f"it answered {status}{more}.")
