"""What agents did, as counts: sessions, tools, models, and what one task class used.

Every count is of things that happened, not of tellings: a call that two sources told is one.
None is *unknown*. Durations are milliseconds, money is micro-USD.
"""

import msgspec

from pawl.telemetry.usage import ZERO, Usage


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Durations of `measured` things, in milliseconds; the quantiles are None when it is 0.

    A quantile between two values is interpolated.
    """

    measured: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One session of an agent, in one supervised run or observed by itself (`run_id` None).

    A run may carry several sessions (`run_sessions`); its counts and cost are those of the run.
    """

    session_id: str
    run_id: str | None
    run_sessions: int
    agent: str
    project: str | None
    branch: str | None
    started_at: str
    ended_at: str | None
    outcome: str | None
    models: tuple[str, ...]
    requests: int
    tool_calls: int
    errors: int
    usage: Usage
    cost_micros: int | None
    cost_basis: str


class ToolActivity(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one tool, in one `group` (a project or an agent) or in all (None).

    `failed` calls answered with an error, `denied` ones were refused before they ran.
    """

    tool: str
    group: str | None
    calls: int
    failed: int
    denied: int
    latency: Latency = Latency()

    @property
    def failed_share(self) -> float | None:
        """Failed calls over calls that were let run; None when there are none."""
        ran = self.calls - self.denied
        return self.failed / ran if ran > 0 else None


class ToolFailure(msgspec.Struct, frozen=True, kw_only=True):
    """One call that failed or was refused, with where to look it up."""

    time: str
    tool: str
    failure: str
    """`failed` or `denied`."""
    agent: str
    project: str | None
    session_id: str | None
    run_id: str | None
    duration_ms: int | None


class ModelActivity(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of one model, and how they went.

    `errors` are requests that ended without an answer, `refusals` answers that the model
    declined to give. `by_telemetry` counts requests that telemetry told of, the only source that
    tells of refusals: at 0 their share is unknown.
    """

    model: str
    requests: int = 0
    usage: Usage = ZERO
    cost_micros: int = 0
    unpriced_requests: int = 0
    errors: int = 0
    refusals: int = 0
    by_telemetry: int = 0
    latency: Latency = Latency()

    @property
    def error_share(self) -> float | None:
        """Errors over all attempts, answered or not; None where no request named the model."""
        return self.errors / (self.requests + self.errors) if self.requests else None

    @property
    def refusal_share(self) -> float | None:
        """Refusals over requests; None when nobody told who could have."""
        if not self.by_telemetry and not self.refusals:
            return None
        return min(1.0, self.refusals / self.requests) if self.requests else None

    @property
    def cache_share(self) -> float | None:
        """Cache reads over all tokens read."""
        return self.usage.cache_read / self.usage.prompt if self.usage.prompt else None


class ClassUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What one task class used on one model, for prompts of one size.

    `tier` counts the thresholds of the price table that the prompts are larger than.
    """

    task_class: str
    model: str
    tier: int
    requests: int
    usage: Usage
    cost_micros: int
    unpriced_requests: int


class OwnDay(msgspec.Struct, frozen=True, kw_only=True):
    """What one person's agents used on one UTC day, of one project and model."""

    day: str
    project: str
    model: str
    requests: int
    usage: Usage
    cost_micros: int
    unpriced_requests: int


class TeamTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What a team used together; `people` is how many of it were seen at work."""

    people: int
    requests: int
    usage: Usage
    cost_micros: int
    unpriced_requests: int
