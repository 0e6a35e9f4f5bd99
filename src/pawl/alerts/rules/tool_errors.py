"""The agents' tool calls fail too often.

Watches: results of tool calls by project and agent. A result told by two sources counts once.

Fires: when at least the threshold's share of the results in the window are errors. The tool
that failed most is named as the likely cause; its name is the result's, or that of its call.

No data: fewer results in the window than a rate needs.
"""

from collections.abc import Sequence

from pawl.alerts.rates import BAD, TOTAL, Rates, RateThresholds
from pawl.alerts.reading import Reading, Row
from pawl.alerts.rule import Context, Fact, Rule
from pawl.telemetry.event import Event, Kind

_CALLS = 20_000
"""Calls whose names are known; beyond, the oldest is forgotten, and its result has no name."""


class ToolErrors(RateThresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See `RateThresholds`."""


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, ToolErrors)
        self._rates = Rates(context, limits, "tool calls", "failed", ("project", "agent"))
        # Transcripts tell the tool's name with the call alone.
        self._called: dict[tuple[str | None, str], str] = {}

    @property
    def forgotten(self) -> int:
        return self._rates.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        of = self._rates.of
        for fact in facts:
            event = fact.event
            if event.kind is Kind.TOOL_CALL:
                self._call(event)
                continue
            if fact.again or event.outcome is None:
                continue  # A result that does not say how it went is neither good nor bad.
            rate = of((event.project, event.agent))
            rate.count(fact.at, TOTAL)
            if event.outcome == "error":
                rate.count(fact.at, BAD)
                rate.blame(fact.at, Row("event", event.id), self._name(event)[:80])

    def _call(self, event: Event) -> None:
        if event.tool is None or event.tool_call_id is None:
            return
        if len(self._called) >= _CALLS:
            del self._called[next(iter(self._called))]
        self._called[event.session_id, event.tool_call_id] = event.tool

    def _name(self, event: Event) -> str:
        if event.tool is not None:
            return event.tool
        call = (event.session_id, event.tool_call_id or "")
        return self._called.get(call, "unknown tool")

    def look(self, now: float) -> list[Reading]:
        return self._rates.look(now)


RULE = Rule(
    title="Tool calls fail too often",
    about="errors",
    kinds=frozenset({Kind.TOOL_CALL, Kind.TOOL_RESULT}),
    thresholds=ToolErrors,
    start=_Watch,
    response="Look at the failing tool's results, and mend its description, arguments or access.",
    history_s=7_200,
    failure_mode="tool-call errors",
    archetype="acting before gathering grounds",
)
