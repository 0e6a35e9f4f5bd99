"""A run for people: what is said on stderr at its end, and the page `pawl runs show` prints.

What an agent said is hostile text here: control characters, which could move a terminal's cursor
or change its title, are shown as `?`.
"""

from collections.abc import Collection, Sequence

from pawl.base.durations import format_duration
from pawl.base.money import format_usd
from pawl.render.stops import stop_text
from pawl.render.table import aligned, printable
from pawl.runs.record import Outcome, RunCost, RunLine, RunRecord
from pawl.telemetry.event import Event, Kind
from pawl.telemetry.likeness import answer_of

_SAYS = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.AGENT_FAILED: "the agent failed",
    Outcome.UNREADABLE: "the agent ended, and its output cannot be read as an answer",
    Outcome.REFUSED: "not started",
    Outcome.STOPPED: "stopped",
    Outcome.INTERRUPTED: "interrupted",
}


def ending(record: RunRecord, told: Collection[str] = ()) -> str:
    """Return the lines for stderr at the end of a run; empty when all is well.

    Warnings in `told` were shown while it ran and are not said again.
    """
    lines = [f"pawl: warning: {text}" for text in record.warnings if text not in told]
    if record.outcome is not Outcome.SUCCEEDED:
        lines.append(f"pawl: {_headline(record)}. Run {record.run_id}.")
    return "".join(f"{_plain(line)}\n" for line in lines)


def record_page(record: RunRecord) -> str:
    """Return a finished run, one fact a line."""
    usage = record.usage
    tokens = None
    if usage is not None:
        written = usage.cache_write_5m + usage.cache_write_1h
        tokens = (
            f"{usage.input:,} input, {usage.cache_read:,} cache read, "
            f"{written:,} cache write, {usage.output:,} output"
        )
    tools = ", ".join(f"{name} {count}" for name, count in sorted(record.tool_calls.items()))
    facts = (
        ("run", record.run_id),
        ("agent", " ".join(filter(None, (record.agent, record.agent_version)))),
        ("outcome", _headline(record)),
        ("started", record.started_at),
        ("took", _took(record)),
        ("project", record.project),
        ("repository", record.repo),
        ("branch", record.branch),
        ("commit", record.commit),
        ("session", record.session_id),
        ("models", ", ".join(record.models) or None),
        ("turns", record.turns),
        ("tool calls", tools or None),
        ("tokens", tokens or "unknown"),
        ("cost", cost_text(record.cost)),
        ("exit", _exit(record)),
        ("attempts", record.attempts if record.attempts > 1 else None),
        *(("warning", text) for text in record.warnings),
    )
    lines = [_plain(f"{name:<11} {value}") for name, value in facts if value is not None]
    if record.stderr_tail:
        lines += ["", "stderr, its last lines:"]
        lines += [f"  {_plain(line)}" for line in record.stderr_tail.splitlines()[-20:]]
    return "\n".join(lines) + "\n"


def line_page(line: RunLine) -> str:
    """Return a run without a record: it still runs, or nobody saw its ending."""
    facts = (
        ("run", line.run_id),
        ("agent", line.agent),
        ("outcome", line.outcome or "running"),
        ("started", line.started_at),
        ("ended", line.ended_at),
        ("project", line.project),
        ("branch", line.branch),
    )
    return "".join(_plain(f"{name:<11} {value}") + "\n" for name, value in facts if value)


def runs_table(lines: tuple[RunLine, ...]) -> str:
    """Return a list of runs, one a line, newest first as given."""
    head = ("run", "started", "agent", "outcome", "turns", "tokens", "cost", "project")
    body = [
        (
            line.run_id,
            (line.started_at or "unknown")[:19].replace("T", " "),
            printable(line.agent),
            (line.outcome or "running") + (f" ({line.stop_limit})" if line.stop_limit else ""),
            "?" if line.turns is None else str(line.turns),
            "?" if line.usage is None else f"{line.usage.total:,}",
            "?" if line.cost.usd is None else f"${line.cost.usd:,.4f}",
            printable(line.project or "?"),
        )
        for line in lines
    ]
    return aligned(head, body, left=4)


def timeline_text(events: tuple[Event, ...], total: int) -> str:
    """Return what happened in a run, one fact a line, in order of time.

    A model request that is told of several times is one line, at its last and fullest telling.
    """
    last = {_request_key(event): event.id for event in events if event.kind is Kind.REQUEST}
    shown = [
        event
        for event in events
        if event.kind is not Kind.REQUEST or last[_request_key(event)] == event.id
    ]
    lines = [
        _plain(f"{event.time[11:23]}  {event.kind:<16} {_told(event)}")[:160].rstrip()
        for event in shown
    ]
    if total > len(events):
        lines.append(f"and {total - len(events):,} more")
    return "\n".join(lines) + "\n" if lines else ""


def loops_text(sessions: int, loops: Sequence[tuple[str, str, str, str]]) -> str:
    """Return loops found, one a line: time, agent, session and what repeated itself."""
    looked = f"{sessions:,} {'session' if sessions == 1 else 'sessions'} looked at"
    if not loops:
        return f"No stuck loop; {looked}.\n"
    lines = [
        _plain(f"{time[:19].replace('T', ' ')}  {agent}  {session}  {text}")
        for time, agent, session, text in loops
    ]
    return "\n".join(lines) + f"\n\n{looked}.\n"


def _request_key(event: Event) -> str:
    return answer_of(event) or event.id


def _told(event: Event) -> str:
    facts = [event.tool, event.model, event.outcome]
    usage = event.usage
    if usage is not None:
        facts.append(f"{usage.prompt:,} tokens in, {usage.output:,} out")
    if event.cost_micros is not None:
        facts.append(format_usd(event.cost_micros))
    facts += [
        f"{name}={value}"
        for name, value in event.attributes.items()
        if not name.endswith("digest") and name != "trace_id"
    ]
    return "  ".join(fact for fact in facts if fact)


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)


def cost_text(cost: RunCost) -> str:
    """Return dollars and what they rest on; a run without a price says so."""
    if cost.usd is None:
        return "unknown (unpriced)"
    return f"${cost.usd:,.4f} ({cost.basis})"


def _headline(record: RunRecord) -> str:
    says = _SAYS[record.outcome]
    stop = record.stop
    if stop is not None:
        return f"{says}: {stop_text(stop)}"
    if record.error is not None:
        return f"{says}: {record.error.message.strip().removesuffix('.')}"
    if record.outcome is Outcome.INTERRUPTED and record.signal is not None:
        return f"{says} by signal {record.signal}"
    return says


def _took(record: RunRecord) -> str | None:
    return None if record.duration_ms is None else format_duration(record.duration_ms / 1000)


def _exit(record: RunRecord) -> str | None:
    if record.signal is not None:
        return f"signal {record.signal}"
    return None if record.exit_code is None else f"status {record.exit_code}"
