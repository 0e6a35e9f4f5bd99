"""A model refuses more than it should.

Watches: requests by model and agent. A refusal is a request whose reason to stop says so, or an
error that does.

Fires: when at least the threshold's share of the requests in the window were refused.

No data: fewer requests in the window than a rate needs.
"""

from collections.abc import Sequence

from pawl.alerts.rates import BAD, TOTAL, Rates, RateThresholds
from pawl.alerts.reading import Reading, Row
from pawl.alerts.requests import is_refusal
from pawl.alerts.rule import Context, Fact, Rule
from pawl.telemetry.event import Event, Kind


class RefusalRate(RateThresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See `RateThresholds`."""


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, RefusalRate)
        self._rates = Rates(context, limits, "requests", "were refused", ("model", "agent"))

    @property
    def forgotten(self) -> int:
        return self._rates.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        of = self._rates.of
        for fact in facts:
            if fact.again:
                continue
            before, after = fact.before, fact.after
            if after is None:
                self._error(fact.event, fact.at)
                continue
            if before is not None:
                if (
                    before.model == after.model
                    and before.agent == after.agent
                    and before.at == after.at
                    and before.refused == after.refused
                ):
                    continue
                rate = of((before.model, before.agent))
                rate.count(before.at, TOTAL, -1)
                if before.refused:
                    rate.count(before.at, BAD, -1)
            rate = of((after.model, after.agent))
            rate.count(after.at, TOTAL)
            if after.refused:
                rate.count(after.at, BAD)
                rate.blame(after.at, Row("request", after.key), "refusal")

    def _error(self, event: Event, at: float) -> None:
        if not is_refusal(event.attributes.get("error")):
            return
        rate = self._rates.of((event.model, event.agent))
        rate.count(at, TOTAL)
        rate.count(at, BAD)
        rate.blame(at, Row("event", event.id), "refusal")

    def look(self, now: float) -> list[Reading]:
        return self._rates.look(now)


RULE = Rule(
    title="A model refuses too often",
    about="behaviour",
    kinds=frozenset({Kind.REQUEST, Kind.ERROR}),
    thresholds=RefusalRate,
    start=_Watch,
    response="Read what was asked: a prompt, a file or an injected text sets the refusals off.",
    history_s=7_200,
)
