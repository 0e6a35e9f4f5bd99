"""Read the stream of Claude Code (`--output-format stream-json`) as it comes.

What each line is worth, since summing them is wrong in several ways:

- `stream_event` lines carry a response's usage live: input and cache counts when it starts, the
  final output when it ends. They are there because Pawl asks for them.
- an `assistant` line repeats the usage of the start for every content block, and names the
  request id; it is final only when it carries a stop reason (answers that were not streamed).
- a `result` tells the agent's own total. Since 2.1.277 `modelUsage` and `total_cost_usd` run on
  through resumed and forked sessions, so this run's share is the sum of
  `model_usage_since_last_result` over all results; without that field it is the latest
  `modelUsage` where the run began its session, or where the program is older than 2.1.277, and
  otherwise unknown. The share becomes a TOTAL event for each model: `unseen usage = the agent's
  own total - requests seen`, which `pawl.runs.meter` works out.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from pawl.base.money import micros_from_reported
from pawl.runs.agent import Conclusion, Exit
from pawl.runs.claude_ending import Ending, Result
from pawl.runs.lines import count, dollars, items, json_object, mapping, text
from pawl.telemetry.content import Gathered, Role
from pawl.telemetry.digests import arguments_digest, result_digest
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import ZERO, Usage

AGENT_ID = "claude-code"
SUBAGENT_TOOLS = ("Agent", "Task")
RUNNING_TOTALS_SINCE = (2, 1, 277)
"""First version whose result totals go on through resumed sessions (measured on both sides)."""
MAX_MESSAGES = 10_000
"""Messages whose request ids are remembered at a time."""
MAX_MODELS = 1000
"""Models whose totals are told apart."""

_SYNTHETIC = "<synthetic>"
_INTERRUPTED = "[Request interrupted by user"


class ClaudeReader:
    """A fold over the stream's lines; see `pawl.runs.agent.Reader`."""

    def __init__(
        self, run_id: str, *, handback: str, shows_partials: bool, resumed: bool, keeps: bool
    ) -> None:
        self.hidden = False
        self.contents: Gathered | None = None
        """Where texts go, where somebody asked for them."""
        self._run_id = run_id
        self._shows_partials = shows_partials
        self._resumed = resumed
        self._ending = Ending(handback, keeps=keeps)
        self._lines = 0
        self._session: str | None = None
        self._version: str | None = None
        self._open: dict[str, tuple[str, str | None, Usage]] = {}
        """By stream: message id, model and usage of the response being written."""
        self._requests: dict[str, str | None] = {}
        """Request id of each message told of."""
        self._again: set[str] = set()
        """Messages that repeat one whose stream broke: no turns of their own."""
        self._share: dict[str, Usage] = {}
        self._cost: float | None = None

    def feed(self, line: bytes, time: str) -> list[Event]:
        """Return the events in one line; an unreadable line is counted and told at the end."""
        self._lines += 1
        self.hidden = False
        value = json_object(line)
        if value is None:
            if line.strip():
                self._ending.unreadable += 1
            return []
        kind = text(value, "type")
        self._session = text(value, "session_id") or self._session
        if kind == "stream_event":
            self.hidden = not self._shows_partials
            found = self._partial(value)
        elif kind == "assistant":
            found = self._assistant(value)
        elif kind == "user":
            found = self._user(value)
        elif kind == "system":
            found = self._system(value)
        elif kind == "result":
            found = self._result(value, line)
        else:
            found = []
        if not self.hidden:
            self._ending.keep(line, kind == "result")
        return [self._event(index, time, fields) for index, fields in enumerate(found)]

    def conclude(self, exit: Exit) -> Conclusion:
        """Return what the run came to."""
        reported = None if self._cost is None else micros_from_reported(self._cost)
        found = self._ending.conclude(exit, reported)
        return msgspec.structs.replace(found, session_id=self._session, agent_version=self._version)

    # -- lines ----------------------------------------------------------------------------------

    def _partial(self, value: dict[str, Any]) -> list[dict[str, Any]]:
        event = mapping(value, "event")
        stream = text(value, "parent_tool_use_id") or ""
        kind = text(event, "type")
        if kind == "message_start":
            message = mapping(event, "message")
            identity = text(message, "id")
            if identity is None:
                return []
            usage = api_usage(mapping(message, "usage"), ZERO)
            self._note_repetition(stream, identity)
            if len(self._open) > 1000:
                self._open.clear()
            self._open[stream] = (identity, text(message, "model"), usage)
            return [self._request(identity, text(message, "model"), usage, stream, final=False)]
        if kind == "message_delta" and "usage" in event and stream in self._open:
            identity, model, start = self._open[stream]
            usage = api_usage(mapping(event, "usage"), start)
            return [self._request(identity, model, usage, stream, final=True)]
        if kind == "message_stop":
            self._open.pop(stream, None)
        return []

    def _note_repetition(self, stream: str, identity: str) -> None:
        """Notice an answer that begins while the one before it never ended: a broken stream."""
        before = self._open.get(stream)
        if before is not None and before[0] != identity and len(self._again) < MAX_MESSAGES:
            self._again.add(identity)

    def _assistant(self, value: dict[str, Any]) -> list[dict[str, Any]]:
        message = mapping(value, "message")
        stream = text(value, "parent_tool_use_id") or ""
        if text(message, "model") == _SYNTHETIC or value.get("is_api_error_message") is True:
            said = "".join(text(block, "text") or "" for block in items(message, "content"))
            return [{"kind": Kind.ERROR, "attributes": {"message": said[:500]}}]
        found: list[dict[str, Any]] = []
        identity, request = text(message, "id"), text(value, "request_id")
        final = message.get("stop_reason") is not None
        if final and identity:
            self._note_repetition(stream, identity)
        if identity and (final or identity not in self._requests):
            if len(self._requests) >= MAX_MESSAGES:
                self._requests.clear()
            self._requests[identity] = request
            usage = api_usage(mapping(message, "usage"), ZERO)
            model = text(message, "model")
            found.append(self._request(identity, model, usage, stream, final=final))
        for block in items(message, "content"):
            found += self._block(block, stream, identity)
        return found

    def _block(self, block: Any, stream: str, message: str | None) -> list[dict[str, Any]]:
        kind = text(block, "type")
        if kind == "text":
            words = text(block, "text") or ""
            return [
                {
                    "kind": Kind.MESSAGE,
                    "parent_id": stream or None,
                    "message_id": message,
                    "attributes": {"characters": str(len(words))},
                    "content": (Role.ANSWER, words),
                }
            ]
        name = text(block, "name")
        if kind != "tool_use" or name is None:
            return []
        call = {
            "kind": Kind.TOOL_CALL,
            "tool": name,
            "tool_call_id": text(block, "id"),
            "parent_id": stream or None,
            "message_id": message,
            "attributes": {"arguments_digest": arguments_digest(name, block.get("input"))},
        }
        told = {**call, "content": (Role.ARGUMENTS, block.get("input"))}
        if name not in SUBAGENT_TOOLS:
            return [told]
        kind_of_agent = text(block.get("input"), "subagent_type") or ""
        return [
            told,
            {**call, "kind": Kind.SUBAGENT_STARTED, "attributes": {"type": kind_of_agent}},
        ]

    def _user(self, value: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for block in items(mapping(value, "message"), "content"):
            if text(block, "type") == "tool_result":
                content = block.get("content")
                found.append(
                    {
                        "kind": Kind.TOOL_RESULT,
                        "tool_call_id": text(block, "tool_use_id"),
                        "parent_id": text(value, "parent_tool_use_id"),
                        "outcome": "error" if block.get("is_error") is True else "ok",
                        "attributes": {"result_digest": result_digest(content)},
                        "content": (Role.RESULT, content),
                    }
                )
            elif (text(block, "text") or "").startswith(_INTERRUPTED):
                self._ending.interrupted = True
        return found

    def _system(self, value: dict[str, Any]) -> list[dict[str, Any]]:
        kind = text(value, "subtype")
        call = text(value, "tool_use_id")
        if kind == "init":
            self._version = text(value, "claude_code_version") or self._version
            where = {"cwd": text(value, "cwd") or ""}
            return [{"kind": Kind.SESSION, "model": text(value, "model"), "attributes": where}]
        if kind == "status" and text(value, "status") == "requesting":
            self.hidden = not self._shows_partials
        if kind == "api_retry":
            told = ("attempt", "error_status", "error", "retry_delay_ms")
            attributes = {key: str(value[key]) for key in told if value.get(key) is not None}
            attributes["status"] = attributes.pop("error_status", "unknown")
            return [{"kind": Kind.RETRY, "attributes": attributes}]
        if kind == "permission_denied":
            reason = (text(value, "message") or "")[:500]
            return [
                {
                    "kind": Kind.TOOL_DENIED,
                    "tool": text(value, "tool_name"),
                    "tool_call_id": call,
                    "attributes": {"reason": reason, "by": "agent"},
                }
            ]
        if kind == "task_started" and text(value, "task_type") == "local_agent":
            kind_of_agent = {"type": text(value, "subagent_type") or ""}
            return [
                {"kind": Kind.SUBAGENT_STARTED, "tool_call_id": call, "attributes": kind_of_agent}
            ]
        if kind == "task_notification" and "usage" in value:
            outcome = "ok" if text(value, "status") == "completed" else "error"
            return [{"kind": Kind.SUBAGENT_ENDED, "tool_call_id": call, "outcome": outcome}]
        if kind == "compact_boundary":
            return [{"kind": Kind.COMPACTION}]
        return []

    def _result(self, value: dict[str, Any], line: bytes) -> list[dict[str, Any]]:
        self._ending.add(Result.of(value), line)
        for model, told in mapping(value, "modelUsage").items():
            if text(told, "costBasis") == "unknown" and len(self._ending.guessed) < 20:
                self._ending.guessed.add(model[:100])
        delta = value.get("model_usage_since_last_result")
        cost = dollars(value, "total_cost_usd")
        if cost is None:
            cost = dollars(value, "cost_usd")
        if isinstance(delta, dict):
            for model, told in delta.items():
                if model in self._share or len(self._share) < MAX_MODELS:
                    self._share[model] = self._share.get(model, ZERO) + model_usage(told)
            spent = sum(dollars(told, "costUSD") or 0.0 for told in delta.values())
            if cost is not None:
                self._cost = (self._cost or 0.0) + spent
        elif self._counts_alone():
            self._cost = cost
            if isinstance(value.get("modelUsage"), dict):
                told_of = list(value["modelUsage"].items())[:MAX_MODELS]
                self._share = {model: model_usage(told) for model, told in told_of}
            elif isinstance(value.get("usage"), dict):
                self._share = {"": api_usage(value["usage"], ZERO)}
            else:
                return []
        else:
            return []
        share: Iterable[tuple[str, Usage]] = self._share.items() or (("", ZERO),)
        return [
            {"kind": Kind.TOTAL, "model": model or None, **counts(usage)} for model, usage in share
        ]

    def _counts_alone(self) -> bool:
        """Whether the result's totals are of this run alone."""
        if not self._resumed:
            return True
        version = _version(self._version)
        return version is not None and version < RUNNING_TOTALS_SINCE

    # -- events ---------------------------------------------------------------------------------

    def _request(
        self, identity: str, model: str | None, usage: Usage, stream: str, *, final: bool
    ) -> dict[str, Any]:
        return {
            "kind": Kind.REQUEST,
            "message_id": identity,
            "request_id": self._requests.get(identity),
            "model": model,
            "parent_id": stream or None,
            "final": final,
            "attributes": {"again": "true"} if identity in self._again else {},
            **counts(usage),
        }

    def _event(self, index: int, time: str, fields: dict[str, Any]) -> Event:
        content = fields.pop("content", None)
        made = Event(
            id=f"{self._run_id}:{self._lines}:{index}",
            time=time,
            source=Source.RUN,
            agent=AGENT_ID,
            session_id=self._session,
            agent_version=self._version,
            **fields,
        )
        if content is not None and self.contents is not None:
            self.contents.add(made, *content)
        return made


def counts(usage: Usage) -> dict[str, int]:
    """Return usage as the fields of an event."""
    return msgspec.structs.asdict(usage)


def api_usage(told: dict[str, Any], start: Usage) -> Usage:
    """Return the buckets of an API usage object; what it leaves out is taken from `start`.

    `input_tokens` excludes cached tokens. A cache write without a breakdown is of 5 minutes, the
    default of the API.
    """
    written = count(told, "cache_creation_input_tokens")
    parts = mapping(told, "cache_creation")
    hour = count(parts, "ephemeral_1h_input_tokens")
    if hour is None:
        hour = start.cache_write_1h
    if written is None:
        written = start.cache_write_5m + start.cache_write_1h
    reasoning = count(mapping(told, "output_tokens_details"), "thinking_tokens")
    searches = count(mapping(told, "server_tool_use"), "web_search_requests")
    return Usage(
        input=_or(count(told, "input_tokens"), start.input),
        cache_read=_or(count(told, "cache_read_input_tokens"), start.cache_read),
        cache_write_5m=max(0, written - hour),
        cache_write_1h=hour,
        output=_or(count(told, "output_tokens"), start.output),
        reasoning=_or(reasoning, start.reasoning),
        web_searches=_or(searches, start.web_searches),
    )


def model_usage(told: Any) -> Usage:
    """Return the buckets of one model in `modelUsage`."""
    written = count(told, "cacheCreationInputTokens") or 0
    hour = min(written, count(told, "cacheCreationEphemeral1hInputTokens") or 0)
    return Usage(
        input=count(told, "inputTokens") or 0,
        cache_read=count(told, "cacheReadInputTokens") or 0,
        cache_write_5m=written - hour,
        cache_write_1h=hour,
        output=count(told, "outputTokens") or 0,
        reasoning=count(told, "thinkingTokens") or 0,
        web_searches=count(told, "webSearchRequests") or 0,
    )


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _version(text: str | None) -> tuple[int, ...] | None:
    try:
        return tuple(int(part) for part in (text or "").split(".")[:3])
    except ValueError:
        return None
