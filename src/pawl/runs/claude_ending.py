"""How a run of Claude Code ended, and what the user gets back in the format asked for.

Success is `is_error` false and exit 0 and a result present, all three: API failures come as
subtype `success` with `is_error` true, and an interrupted run may exit 0 without any result.
"""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.runs.agent import AgentError, Conclusion, Exit
from pawl.runs.endings import ended_without_result, was_signalled
from pawl.runs.failures import classify
from pawl.runs.lines import count, items, joined, raw_fields, text
from pawl.runs.record import Outcome

MAX_KEPT = 64 * 1024 * 1024
"""Bytes of lines kept for a user who asked for all messages as one JSON array."""

MAX_DENIALS = 1000
"""Denied calls that are handed on."""

_LIVE_ONLY = "model_usage_since_last_result"
"""A field of results that only the live stream has."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one result line says."""

    is_error: bool
    subtype: str
    text: str | None
    errors: tuple[str, ...] = ()
    status: int | None = None
    turns: int | None = None

    @staticmethod
    def of(value: dict[str, Any]) -> "Result":
        """Read a result line, leniently: programs of different ages write different fields."""
        subtype = text(value, "subtype") or ""
        return Result(
            is_error=value.get("is_error") is True or subtype.startswith("error"),
            subtype=subtype,
            text=text(value, "result"),
            errors=tuple(item for item in items(value, "errors") if isinstance(item, str)),
            status=count(value, "api_error_status"),
            turns=count(value, "num_turns"),
        )


class Ending:
    """What is kept of a stream until its end."""

    def __init__(self, handback: str, *, keeps: bool) -> None:
        self.unreadable = 0
        self.interrupted = False
        self.guessed: set[str] = set()
        """Models the program had no price for and priced like its default one."""
        self._handback = handback
        self._keeps = keeps
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._result: Result | None = None
        self._earlier_failures = 0
        self._last = b""
        self._denials: dict[bytes, msgspec.Raw] = {}
        self._structured: msgspec.Raw | None = None

    def keep(self, line: bytes, is_result: bool) -> None:
        """Keep a line for the JSON array, up to a bound."""
        if self._keeps and self._kept_bytes <= MAX_KEPT:
            self._kept.append(_plain(line) if is_result else bytes(line))
            self._kept_bytes += len(line)

    def add(self, result: Result, line: bytes) -> None:
        """Take a result line; the last one decides, denials add up."""
        if self._result is not None:
            self._earlier_failures += self._result.is_error
        self._result = result
        self._last = bytes(line)
        fields = raw_fields(line) or {}
        if "structured_output" in fields:
            self._structured = fields["structured_output"]
        try:
            denials = typed.decode(
                fields.get("permission_denials", msgspec.Raw(b"[]")), type=list[msgspec.Raw]
            )
        except msgspec.DecodeError:
            denials = []
        for denial in denials[: MAX_DENIALS - len(self._denials)]:
            self._denials[bytes(denial)] = msgspec.Raw(bytes(denial))

    def conclude(self, exit: Exit, reported_micros: int | None) -> Conclusion:
        """Return what the run came to, the session's own fields left out."""
        last = self._result
        if last is None:
            found = ended_without_result(
                exit, unreadable=self.unreadable, interrupted=self.interrupted
            )
        else:
            outcome, error = _judge(last, exit)
            found = Conclusion(outcome=outcome, result=last.text, error=error, turns=last.turns)
        return msgspec.structs.replace(
            found,
            structured_output=self._structured,
            reported_micros=reported_micros,
            permission_denials=tuple(self._denials.values()),
            handback=self._hand_back(last),
            warnings=(*found.warnings, *self._warnings()),
        )

    def _hand_back(self, last: Result | None) -> bytes | None:
        if self._handback == "stream-json":
            return None
        if last is None:
            return b""
        if self._handback == "json" and self._keeps and self._kept_bytes <= MAX_KEPT:
            return b"[" + b",".join(self._kept) + b"]\n"
        if self._handback == "json":
            return _plain(self._last) + b"\n"
        return as_text(last).encode("utf-8", "replace")

    def _warnings(self) -> tuple[str, ...]:
        found = []
        if self.unreadable and self._result:
            found.append(f"{self.unreadable} lines of the agent's output were not readable.")
        if self.guessed:
            names = ", ".join(sorted(self.guessed))
            found.append(
                f"The agent does not know the price of {names}: its own figure is a guess."
            )
        if self._earlier_failures:
            found.append(f"{self._earlier_failures} earlier turns of the run ended in an error.")
        if self._keeps and self._kept_bytes > MAX_KEPT:
            found.append("The messages were too many for one array: only the result is printed.")
        return tuple(found)


def as_text(result: Result) -> str:
    """Return what the program prints for a result when it is asked for text.

    Its own failures have fixed sentences, without a line's end, which name the user's limit.
    """
    if result.text is not None:
        return result.text if result.text.endswith("\n") else f"{result.text}\n"
    if result.subtype == "error_max_turns":
        limit = _number_in(result.errors)
        return f"Error: Reached max turns ({limit})"
    if result.subtype == "error_max_budget_usd":
        return f"Error: Exceeded USD budget ({_number_in(result.errors)})"
    if result.subtype == "error_max_structured_output_retries" and result.errors:
        return f"Error: {result.errors[0]}"
    return "Execution error"


def _number_in(errors: tuple[str, ...]) -> str:
    for error in errors:
        inside = error.rpartition("(")[2].partition(")")[0].lstrip("$")
        if inside and inside.replace(".", "", 1).isdigit():
            return inside
    return "?"


def _judge(result: Result, exit: Exit) -> tuple[str, AgentError | None]:
    if result.is_error:
        message = result.text or "; ".join(result.errors) or result.subtype or "an error"
        if result.subtype.startswith("error_max"):
            return Outcome.AGENT_FAILED, AgentError(class_="permanent", message=message[:2000])
        return Outcome.AGENT_FAILED, classify(message, result.status)
    if was_signalled(exit):
        return Outcome.INTERRUPTED, None
    if exit.code != 0:
        message = f"the agent exited with {exit.code} after a result that says success"
        return Outcome.AGENT_FAILED, AgentError(class_="permanent", message=message)
    if result.text is None:
        message = "the result says success and holds no text"
        return Outcome.UNREADABLE, AgentError(class_="permanent", message=message)
    return Outcome.SUCCEEDED, None


def _plain(line: bytes) -> bytes:
    """Return a result line as it is printed outside the live stream, numbers untouched."""
    fields = raw_fields(line)
    if fields is None or _LIVE_ONLY not in fields:
        return bytes(line).strip()
    del fields[_LIVE_ONLY]
    return joined(fields)
