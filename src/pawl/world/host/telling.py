"""Tell a code host's API something: POST, PATCH, PUT, DELETE, bounded, nobody but that host.

Shares with `Asking` who may hear the token, how long an answer may take and how large it may be.
No redirect is followed: what is written goes where it was meant to go, or nowhere.
"""

from typing import Any, Literal

import msgspec

from pawl.world.host.asking import REDIRECTS, Asking, Reply

MAX_SENT = 256 * 1024
"""Bytes of one request's body. GitHub takes 65,536 characters of text, four bytes each at most."""


class Telling(Asking):
    """Asks one API, and writes to it when told to."""

    def tell(
        self,
        method: Literal["POST", "PATCH", "PUT", "DELETE"],
        address: str,
        body: dict[str, Any] | None,
    ) -> Reply:
        """Return the reply to one request at a path below the base; it is sent once."""
        target = f"{self.url}{address}"
        if not address.startswith("/") or not self.is_below(target):
            return Reply(status=400, broken="it leads to another host, which is told nothing")
        content = None if body is None else msgspec.json.encode(body)
        if content is not None and len(content) > MAX_SENT:
            return Reply(status=413, broken=f"it is larger than {MAX_SENT:,} bytes")
        headers = {} if content is None else {"Content-Type": "application/json"}
        reply = self.exchange(target, headers, self.deadline(), method=method, content=content)
        if reply.status in REDIRECTS:
            return Reply(status=reply.status, broken="it has moved, and nothing is written there")
        return reply
