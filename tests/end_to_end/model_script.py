"""What the fake model says, and to whom.

A script is data: a list of steps, used one per request, so a test reads as the conversation it
stages. Usage is told in neutral terms, which both wire formats are derived from. The numbers a
test writes are therefore the truth that a program's own report is judged by.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Api = Literal["anthropic", "responses"]

ANTHROPIC_ERROR_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, no token in two fields, but for reasoning, which output includes."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
            cache_write_1h=self.cache_write_1h + other.cache_write_1h,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
        )

    @property
    def prompt(self) -> int:
        """All tokens sent to the model, cached or not."""
        return self.input + self.cache_read + self.cache_write + self.cache_write_1h


# Not zero, so that a test that forgets to say what a step costs sees tokens it did not expect.
SOME_USAGE = Usage(input=10, output=5)


@dataclass(frozen=True, slots=True)
class Text:
    """A passage of the answer meant for the reader."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the model asks for. Codex takes a plain string as input of its free-form tools."""

    name: str
    input: Mapping[str, Any] | str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that arrives, with the usage it tells."""

    content: tuple[Text | ToolCall, ...]
    usage: Usage = SOME_USAGE
    first_byte_s: float = 0.0
    per_event_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """An HTTP error, which costs nothing."""

    status: int
    message: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Hang:
    """The request is taken and nothing is sent; then the connection is dropped."""

    seconds: float


Action = Answer | Failure | Hang


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same action for every request from here on."""

    action: Action


Step = Action | Repeat


def text(words: str, usage: Usage = SOME_USAGE) -> Answer:
    """Answer in words, which ends the agent's turn."""
    return Answer((Text(words),), usage)


def tool(
    name: str,
    tool_input: Mapping[str, Any] | str,
    usage: Usage = SOME_USAGE,
    *,
    namespace: str | None = None,
    say: str = "",
) -> Answer:
    """Ask for one tool, after a few words if there are any."""
    return parallel_tools([ToolCall(name, tool_input, namespace)], usage, say=say)


def parallel_tools(
    calls: Iterable[ToolCall], usage: Usage = SOME_USAGE, *, say: str = ""
) -> Answer:
    """Ask for several tools in one response."""
    words = (Text(say),) if say else ()
    return Answer((*words, *calls), usage)


def error(status: int, *, retry_after: float | None = None, message: str = "") -> Failure:
    """Refuse the request with an HTTP status."""
    return Failure(status, message or f"scripted status {status}", retry_after)


def hang(seconds: float = 3600.0) -> Hang:
    """Take the request and stay silent."""
    return Hang(seconds)


def slow(answer: Answer, *, first_byte_s: float = 0.0, per_event_s: float = 0.0) -> Answer:
    """Say the same, but take time before the first byte or between events."""
    return replace(answer, first_byte_s=first_byte_s, per_event_s=per_event_s)


def repeat(action: Action) -> Repeat:
    """Do this for ever."""
    return Repeat(action)


@dataclass(frozen=True, slots=True)
class Request:
    """One model request, as far as a rule may want to know it."""

    api: Api
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def stream(self) -> bool:
        return bool(self.body.get("stream", False))

    @property
    def tool_names(self) -> tuple[str, ...]:
        tools = self.body.get("tools") or ()
        return tuple(str(each.get("name", each.get("type", ""))) for each in tools)

    @property
    def system(self) -> str:
        """The standing instructions, as one text."""
        developer = [each for each in self._conversation if each.get("role") == "developer"]
        texts = [_plain_text(each.get("content")) for each in developer]
        return "\n".join(
            [_plain_text(self.body.get("system") or self.body.get("instructions")), *texts]
        )

    @property
    def first_prompt(self) -> str:
        """What the user said before the model first spoke: a run's or a subagent's prompt."""
        asked = itertools.takewhile(
            lambda each: each.get("role") in ("user", "developer"), self._conversation
        )
        return "\n".join(
            _plain_text(each.get("content")) for each in asked if each.get("role") == "user"
        )

    @property
    def _conversation(self) -> list[Mapping[str, Any]]:
        messages = self.body.get("messages") or self.body.get("input")
        return (
            [each for each in messages if isinstance(each, Mapping)]
            if isinstance(messages, list)
            else []
        )


def _plain_text(content: Any) -> str:
    """Join the text of a message, given as a string or as blocks; both APIs allow both."""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return ""
    return "\n".join(
        str(block["text"]) for block in content if isinstance(block, Mapping) and "text" in block
    )


Match = Callable[[Request], bool]


def prompted_with(words: str) -> Match:
    """The conversation began with a prompt that holds these words. Tells subagents apart."""
    return lambda request: words in request.first_prompt


def system_says(words: str) -> Match:
    """The standing instructions hold these words."""
    return lambda request: words in request.system


def from_subagent(request: Request) -> bool:
    """A subagent of Claude Code asks, whatever it was told to do."""
    return "x-claude-code-agent-id" in request.headers


def on_model(part: str) -> Match:
    """The model's name holds this part, such as "haiku" for side calls."""
    return lambda request: part in request.model


def without_tools(request: Request) -> bool:
    """No tool is offered: a side call such as naming the session, never a step of the agent."""
    return not request.tool_names


@dataclass(slots=True)
class Script:
    """Steps for one kind of request, used up in the order requests arrive."""

    steps: Sequence[Step]
    name: str = "main"
    when: Match | None = None
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> tuple[int, Action] | None:
        """The next step and its number; None when the script has run out, a test's mistake."""
        with self._lock:
            if self._next >= len(self.steps):
                return None
            number, step = self._next, self.steps[self._next]
            if isinstance(step, Repeat):
                return number, step.action
            self._next += 1
            return number, step
