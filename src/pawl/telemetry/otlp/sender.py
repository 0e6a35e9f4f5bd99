"""What a sender is: a product, or a convention, whose telemetry we can read.

A sender is one small file below `senders` and a table of names beside it. What its names mean
is in `facts` and `measures`, the same for all.
"""

from collections.abc import Callable

import msgspec

from pawl.telemetry.otlp.naming import Names


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """One family of senders.

    `agent` is the product's id; None takes the name that the service gives itself. `names` loads
    its table.
    """

    agent: str | None
    names: Callable[[], Names]
