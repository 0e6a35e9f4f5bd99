"""Exchange a GitHub App's own token for one of its installation."""

import time
from collections.abc import Callable

from pawl.maturity.goal_issue import Request
from pawl.maturity.host_questions import Answer
from pawl.world.host import github
from pawl.world.host.sender import Sender


def exchange(
    url: str, installation: int, signed: str, clock: Callable[[], float] = time.time
) -> Answer:
    """Return what GitHub answers to the app's signed token; each exchange makes a new one."""
    sender = Sender(url, github.headers_of(signed), signed, clock)
    try:
        address = f"/app/installations/{installation}/access_tokens"
        return sender.send(Request(method="POST", address=address, body={}))
    finally:
        sender.telling.close()
