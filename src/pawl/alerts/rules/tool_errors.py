"""The agents' tool calls fail too often.

Watches: results of tool calls by project and agent. A result told by two sources counts once.

Fires: when at least the threshold's share of the results in the window are errors. The tool
that failed most is named as the likely cause.

No data: fewer results in the window than a rate needs.
"""

from collections.abc import Sequence

from pawl.alerts.rates import BAD, TOTAL, Rates, RateThresholds
from pawl.alerts.reading import Reading, Row
from pawl.alerts.rule import Context, Fact, Rule
from pawl.telemetry.event import Kind


class ToolErrors(RateThresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See `RateThresholds`."""


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, ToolErrors)
        self._rates = Rates(context, limits, "tool calls", "failed", ("project", "agent"))

    @property
    def forgotten(self) -> int:
        return self._rates.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        of = self._rates.of
        for fact in facts:
            event = fact.event
            if fact.again or event.outcome is None:
                continue  # A result that does not say how it went is neither good nor bad.
            rate = of((event.project, event.agent))
            rate.count(fact.at, TOTAL)
            if event.outcome == "error":
                rate.count(fact.at, BAD)
                name = (event.tool or "unknown tool")[:80]
                rate.blame(fact.at, Row("event", event.id), name)

    def look(self, now: float) -> list[Reading]:
        return self._rates.look(now)


RULE = Rule(
    title="Tool calls fail too often",
    about="errors",
    kinds=frozenset({Kind.TOOL_RESULT}),
    thresholds=ToolErrors,
    start=_Watch,
    response="Look at the failing tool's results, and mend its description, arguments or access.",
    history_s=7_200,
    failure_mode="tool-call errors",
    archetype="acting before gathering grounds",
)
