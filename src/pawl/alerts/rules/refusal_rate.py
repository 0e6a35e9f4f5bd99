"""A model refuses more than it should.

Watches: requests by model and agent. A refusal is a request whose reason to stop says so, or an
error that does.

Fires: when at least the threshold's share of the requests in the window were refused.

No data: fewer requests in the window than a rate needs.
"""

from pawl.alerts.rates import BAD, TOTAL, Named, Rates, RateThresholds
from pawl.alerts.reading import Reading, Row
from pawl.alerts.requests import is_refusal
from pawl.alerts.rule import Context, Counted, Fact, Rule
from pawl.telemetry.event import Event, Kind


class RefusalRate(RateThresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See `RateThresholds`."""


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, RefusalRate)
        self._rates = Rates(context, limits, "requests", "were refused")

    @property
    def forgotten(self) -> int:
        return self._rates.forgotten

    def see(self, fact: Fact) -> None:
        if fact.again:
            return
        if fact.after is None:
            self._error(fact.event, fact.at)
            return
        before, after = fact.before, fact.after
        if before is not None:
            if _told(before) == _told(after):
                return
            self._rates.count(_scope(before), before.at, TOTAL, -1)
            if before.refused:
                self._rates.count(_scope(before), before.at, BAD, -1)
        self._rates.count(_scope(after), after.at, TOTAL)
        if after.refused:
            self._rates.count(_scope(after), after.at, BAD)
            self._rates.blame(_scope(after), after.at, Row("request", after.key), "refusal")

    def _error(self, event: Event, at: float) -> None:
        if not is_refusal(event.attributes.get("error")):
            return
        scope = (("model", event.model), ("agent", event.agent))
        self._rates.count(scope, at, TOTAL)
        self._rates.count(scope, at, BAD)
        self._rates.blame(scope, at, Row("event", event.id), "refusal")

    def look(self, now: float) -> list[Reading]:
        return self._rates.look(now)


def _scope(counted: Counted) -> Named:
    return (("model", counted.model), ("agent", counted.agent))


def _told(counted: Counted) -> tuple[str | None, str, float, bool]:
    return (counted.model, counted.agent, counted.at, counted.refused)


RULE = Rule(
    title="A model refuses too often",
    about="behaviour",
    kinds=frozenset({Kind.REQUEST, Kind.ERROR}),
    thresholds=RefusalRate,
    start=_Watch,
    response="Read what was asked: a prompt, a file or an injected text sets the refusals off.",
    history_s=7_200,
)
