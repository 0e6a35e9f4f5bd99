"""What an events store saw of spend on one day: the unit in which budgets are told of it."""

import msgspec


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of one day, owner, model and run. Money in micro-USD, priced requests only.

    `day` is an ISO day in UTC. `run_id` is the supervised run they belong to, empty for none.
    """

    day: str
    run_id: str
    project: str | None
    developer: str | None
    agent: str | None
    model: str | None
    cost_micros: int
    requests: int
    unpriced: int
