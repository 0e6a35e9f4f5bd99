"""Texts that try to give orders to whoever reads them.

Logs and commit messages are written by anybody. What looks like an order is flagged and shown as
what it is; its words weigh nothing in any ranking, and an agent is never given it as anything but
data.
"""

import re
from functools import cache

from pawl.assets.judgement import hidden_orders
from pawl.investigation.knowledge import Knowledge
from pawl.parsing.invisible import hidden_in

MAX_CHARACTERS = 8_000


def suspicion(text: str, knowledge: Knowledge) -> str:
    """Return what a text does that data has no reason to do; empty for most."""
    part = text[:MAX_CHARACTERS]
    for pattern, what in _orders():
        if pattern.search(part):
            return f"it {what}"
    if knowledge.order_pattern.search(part):
        return "it speaks to whoever investigates"
    return "it hides characters" if hidden_in(part) else ""


@cache
def _orders() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(each.pattern, re.IGNORECASE), each.what)
        for each in hidden_orders().orders
        if each.sure
    )
