"""Model requests fail more often than they did.

Watches: requests, and the errors and retries that sources tell of, by project and agent. A
failure told by two sources counts once.

Fires: when at least the threshold's share of the attempts in the window failed, and it is a
multiple of the share in the day before. A project that always fails a little stays quiet.

No data: fewer attempts in the window than a rate needs.
"""

from collections.abc import Sequence

from pawl.alerts.rates import BAD, TOTAL, Rates, RateThresholds
from pawl.alerts.reading import Reading, Row
from pawl.alerts.requests import is_refusal
from pawl.alerts.rule import Context, Fact, Rule
from pawl.telemetry.event import Event, Kind


class ErrorRate(RateThresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`usual_times` the share of the `usual_s` before, where `usual_min` attempts are known."""

    usual_times: float
    usual_s: float
    usual_min: int


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, ErrorRate)
        self._rates = Rates(
            context,
            limits,
            "attempts",
            "failed",
            ("project", "agent"),
            base_s=limits.usual_s,
            times=limits.usual_times,
            base_min=limits.usual_min,
        )

    @property
    def forgotten(self) -> int:
        return self._rates.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        of = self._rates.of
        for fact in facts:
            if fact.again:
                continue
            after = fact.after
            if after is None:
                self._failed(fact.event, fact.at)
                continue
            before = fact.before
            if before is not None:
                if (
                    before.at == after.at
                    and before.project == after.project
                    and before.agent == after.agent
                ):
                    continue
                of((before.project, before.agent)).count(before.at, TOTAL, -1)
            of((after.project, after.agent)).count(after.at, TOTAL)

    def _failed(self, event: Event, at: float) -> None:
        error = event.attributes.get("error")
        if is_refusal(error):
            return  # The model would not answer; nothing failed.
        rate = self._rates.of((event.project, event.agent))
        rate.count(at, TOTAL)
        rate.count(at, BAD)
        name = error or event.attributes.get("status") or "unknown error"
        rate.blame(at, Row("event", event.id), name[:80])

    def look(self, now: float) -> list[Reading]:
        return self._rates.look(now)


RULE = Rule(
    title="Model requests fail more often than usual",
    about="errors",
    kinds=frozenset({Kind.REQUEST, Kind.ERROR, Kind.RETRY}),
    thresholds=ErrorRate,
    start=_Watch,
    response="See whether the provider has an incident; if not, look at the error named.",
    history_s=2 * 86_400,
    archetype="fragility under load",
)
