"""One run as its page shows it: what it did, and what it used of each limit."""

from collections.abc import Iterable

import msgspec

from pawl.base.times import parse_time
from pawl.runs.record import RunRecord, RunRow
from pawl.runs.spec import Limits
from pawl.services.host_links import commit_url, repo_url
from pawl.services.timeline import Timeline
from pawl.telemetry.event import Event


class LimitUse(msgspec.Struct, frozen=True, kw_only=True):
    """One limit beside the value the run reached; `value` None is unknown.

    `unit` is `s`, `usd_micros`, `tokens`, `bytes` or `count`.
    """

    name: str
    unit: str
    threshold: float
    value: float | None
    hit: bool

    @property
    def share(self) -> float | None:
        """Value over threshold; None when unknown."""
        if self.value is None:
            return None
        return self.value / self.threshold if self.threshold else 1.0


class RunPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run worked and which sessions it carried, with addresses where hosts are known."""

    repo: str | None = None
    repo_url: str | None = None
    commit: str | None = None
    commit_url: str | None = None
    sessions: tuple[str, ...] = ()


def run_place(record: RunRecord | None, events: Iterable[Event]) -> RunPlace:
    """Return the place of a run from its record, else from what its events say."""
    repo, commit = (record.repo, record.commit) if record else (None, None)
    sessions: dict[str, None] = {}
    for event in events:
        repo, commit = repo or event.repo, commit or event.commit
        if event.session_id:
            sessions[event.session_id] = None
    return RunPlace(
        repo=repo,
        repo_url=repo_url(repo),
        commit=commit,
        commit_url=commit_url(repo, commit),
        sessions=tuple(sessions)[:20],
    )


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one run."""

    row: RunRow
    record: RunRecord | None
    limits: tuple[LimitUse, ...]
    limits_known: bool
    timeline: Timeline
    place: RunPlace
    shown_events: int
    all_events: int


def limit_uses(
    limits: Limits, row: RunRow, record: RunRecord | None, told: Timeline, now: str
) -> tuple[LimitUse, ...]:
    """Return each limit that was set, beside what the run reached; a running one up to now."""
    stop = record.stop if record else None
    ended = row.ended_at or (now if row.running else None)
    wall = (parse_time(ended) - parse_time(row.started_at)).total_seconds() if ended else None
    if record and record.duration_ms is not None:
        wall = record.duration_ms / 1000
    priced = row.cost_micros if row.cost_basis == "priced" else None
    values: tuple[tuple[str, str, float | None, float | None], ...] = (
        ("wall", "s", limits.wall_s, wall),
        ("idle", "s", limits.idle_s, None),
        ("turns", "count", limits.turns, row.turns),
        ("tool_calls", "count", limits.tool_calls, row.tool_calls),
        ("subagents", "count", limits.subagents, told.subagents),
        ("tokens", "tokens", limits.tokens, row.usage.total),
        ("usd", "usd_micros", limits.usd_micros, priced),
        ("output_bytes", "bytes", limits.output_bytes, None),
    )
    uses = []
    for name, unit, threshold, value in values:
        if threshold is None:
            continue
        hit = stop is not None and stop.limit == name
        uses.append(LimitUse(name=name, unit=unit, threshold=threshold, value=value, hit=hit))
    return tuple(uses)
