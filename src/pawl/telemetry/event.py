"""One immutable fact of telemetry, in the form every source is brought to.

The same event is written to the spool as one NDJSON line and loaded by the event engines with
their own JSON readers, so its fields are the columns of the `events` table. Hot attributes are
fields; the rest is the `attributes` map. Prompts, answers and tool contents are not in it:
only their digests and sizes are, unless the user asked for content.

A field that is None is *unknown*. It is never zero, no, or passed.
"""

from enum import StrEnum

import msgspec

from pawl.telemetry.usage import Usage


class Kind(StrEnum):
    """What happened. Names follow OpenTelemetry GenAI where it has one."""

    RUN_STARTED = "run_started"
    RUN_ENDED = "run_ended"
    SESSION = "session"
    """The agent named its conversation, version, model or working directory."""
    REQUEST = "request"
    """A model request, seen whole or in part; many events may tell of one request."""
    MESSAGE = "message"
    """The agent said something; `attributes.characters` is its size."""
    TOOL_CALL = "tool_call"
    TOOL_RESULT = "tool_result"
    TOOL_DENIED = "tool_denied"
    SUBAGENT_STARTED = "subagent_started"
    SUBAGENT_ENDED = "subagent_ended"
    RETRY = "retry"
    """The agent tries a model request again; `attributes.status` is the HTTP status."""
    ERROR = "error"
    COMPACTION = "compaction"
    LOOP = "loop"
    """The loop detector warned or stopped; `attributes.pattern` says what it saw."""
    LIMIT = "limit"
    """A limit was hit; attributes `limit`, `value`, `threshold`."""
    TOTAL = "total"
    """The agent's own total; it confirms requests and never adds to them."""
    PROMPT = "prompt"
    """Somebody asked the agent something; `attributes.characters` is its size."""
    REFUSAL = "refusal"
    """The model declined to answer."""
    HOOK = "hook"
    """The hooks of one event ran; attributes `hook_event`, `hooks`, `hooks_blocking`."""
    MCP_CONNECTION = "mcp_connection"
    """A server of tools was connected to, lost or not reached; `outcome` says which."""
    SPAN = "span"
    """Work that took time; attributes `name`, `trace_id`, `span_id`, `parent_span_id`."""
    METRIC = "metric"
    """A sender's own measurement; it confirms and never adds to tokens or money.

    Attributes `metric`, `value`, `unit`, `temporality`, `series` and its dimensions."""


class Source(StrEnum):
    """Who told us. The order is the order of trust in token counts, best first."""

    TRANSCRIPT = "transcript"
    RUN = "run"
    TELEMETRY = "telemetry"
    CSV = "csv"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fact. `id` is the same whenever the same fact is read again from the same source.

    `time` is canonical UTC text (see `pawl.base.times`). Token fields are the five buckets of
    `Usage`; all None where the fact carries no usage. `final` says that the counts are those at
    the end of the response; a request seen only in part is False.
    """

    id: str
    time: str
    kind: Kind
    source: Source
    agent: str
    run_id: str | None = None
    session_id: str | None = None
    parent_id: str | None = None
    """The tool call that a sub-agent's fact belongs to."""
    agent_version: str | None = None
    request_id: str | None = None
    message_id: str | None = None
    model: str | None = None
    provider: str | None = None
    project: str | None = None
    repo: str | None = None
    branch: str | None = None
    commit: str | None = None
    pr: str | None = None
    workflow: str | None = None
    developer: str | None = None
    machine: str | None = None
    tool: str | None = None
    tool_call_id: str | None = None
    outcome: str | None = None
    duration_ms: int | None = None
    input: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    reasoning: int | None = None
    web_searches: int | None = None
    final: bool | None = None
    reported_micros: int | None = None
    """The sender's own cost of this request in micro-USD."""
    cost_micros: int | None = None
    """Our price of this request in micro-USD; None when unpriced."""
    cost_basis: str | None = None
    price_version: str | None = None
    attributes: dict[str, str] = {}

    @property
    def of_subagent(self) -> bool:
        """Whether a sub-agent did it, or a side question, and not the main conversation."""
        return self.parent_id is not None or self.attributes.get("sidechain") == "true"

    @property
    def usage(self) -> Usage | None:
        """The tokens of this fact, or None when it tells of none."""
        if self.input is None and self.output is None:
            return None
        return Usage(
            self.input or 0,
            self.cache_read or 0,
            self.cache_write_5m or 0,
            self.cache_write_1h or 0,
            self.output or 0,
            self.reasoning or 0,
            self.web_searches or 0,
        )


class Attribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose work a fact belongs to. Field names are those of `Event`; None is unknown."""

    project: str | None = None
    repo: str | None = None
    branch: str | None = None
    commit: str | None = None
    pr: str | None = None
    workflow: str | None = None
    developer: str | None = None
    machine: str | None = None


TRIALS = "eval "
"""How the workflow of an eval trial begins; its case's id follows."""


def is_of_trial(event: Event) -> bool:
    """Say whether an event is of an eval trial, which is there to show what goes wrong."""
    return event.workflow is not None and event.workflow.startswith(TRIALS)
