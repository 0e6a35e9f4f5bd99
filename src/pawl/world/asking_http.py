"""Get something of a service that the machine's owner named: bounded in size and time.

No redirect is followed, and no message names the address or a token.
"""

import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from pawl.base.errors import CannotTell


def got(
    url: str,
    parameters: Mapping[str, str],
    token: str | None,
    *,
    timeout_s: float,
    most: int,
    place: str,
) -> bytes:
    """Return the body of a 2xx answer; raises CannotTell for anything else."""
    import httpx

    headers = {
        "user-agent": "pawl",
        "accept": "application/json, application/x-ndjson, text/plain",
        # A little that is packed may be a lot, and is unpacked before anybody counts it.
        "accept-encoding": "identity",
    }
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    whole = f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}" if parameters else url
    ends = time.monotonic() + timeout_s
    found = bytearray()
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=False) as client,
            client.stream("GET", whole, headers=headers) as answer,
        ):
            if not 200 <= answer.status_code < 300:
                raise CannotTell(f"it answered {answer.status_code}.", place=place)
            if answer.headers.get("content-encoding", "identity").lower() != "identity":
                raise CannotTell("it packed its answer, which was not asked for.", place=place)
            # As it comes: waiting for a whole chunk would let a service drip for ever.
            for chunk in answer.iter_raw():
                found += chunk
                if len(found) > most:
                    raise CannotTell(f"it answered more than {most:,} bytes.", place=place)
                if time.monotonic() > ends:
                    raise CannotTell("its answer did not end in time.", place=place)
    except httpx.TimeoutException:
        raise CannotTell(f"no answer within {timeout_s:g} s.", place=place) from None
    except httpx.ConnectError:
        raise CannotTell("it cannot be reached.", place=place) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        # The text of these may hold the address.
        raise CannotTell(f"asking failed ({type(error).__name__}).", place=place) from None
    return bytes(found)


def filled(url: str, **times: str) -> str:
    """Return an address with `{since}` and the like replaced."""
    for name, value in times.items():
        url = url.replace(f"{{{name}}}", quote(value, safe=""))
    return url
