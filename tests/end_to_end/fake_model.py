"""A model server that says what the test wrote, and remembers what it told.

It speaks the Anthropic Messages API to Claude Code and the OpenAI Responses API to Codex, streamed
or whole. What the programs report about tokens and cost can then be held against `requests`, which
is the bill a provider would send. Anything else a program asks for gets a harmless answer and is
recorded too.

    with FakeModel([tool("Bash", {"command": "ls"}), text("Done.", Usage(output=2))]) as model:
        run_agent(base_url=model.url)
    assert model.told() == ...

Rules are scripts with a `when`; the first that matches answers, else the main script:

    FakeModel([...], rules=[Script([text("two files")], "survey", prompted_with("Survey"))])
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.end_to_end.model_script import (
    Action,
    Answer,
    Api,
    Failure,
    Hang,
    Match,
    Repeat,
    Request,
    Script,
    Step,
    Text,
    ToolCall,
    Usage,
    error,
    from_subagent,
    hang,
    on_model,
    parallel_tools,
    prompted_with,
    repeat,
    slow,
    system_says,
    text,
    tool,
    without_tools,
)
from tests.end_to_end.model_wire import error_body, fresh_id, reply

__all__ = [
    "Action",
    "Answer",
    "Api",
    "Failure",
    "FakeModel",
    "Hang",
    "Match",
    "Record",
    "Repeat",
    "Request",
    "Script",
    "Step",
    "Text",
    "ToolCall",
    "Usage",
    "error",
    "from_subagent",
    "hang",
    "on_model",
    "parallel_tools",
    "prompted_with",
    "repeat",
    "slow",
    "system_says",
    "text",
    "tool",
    "without_tools",
]

# How often a waiting answer looks whether its client or the server has gone.
_LOOK_EVERY_S = 0.02


@dataclass(slots=True)
class Record:
    """One request and what came of it.

    `usage` is what was, or was going to be, told. `complete` says whether it was told to the end;
    it stays False for errors, hangs and clients that hung up.
    """

    method: str
    path: str
    at: float
    headers: dict[str, str]
    status: int | None = None
    model: str = ""
    stream: bool = False
    script: str = ""
    step: int | None = None
    usage: Usage | None = None
    message_id: str = ""
    request_id: str = ""
    request: Request | None = None
    ended_at: float | None = None
    complete: bool = False
    client_gone: bool = False

    @property
    def is_model_call(self) -> bool:
        return self.request is not None


class _Quiet(ThreadingHTTPServer):
    """Threads that do not outlive the test, and no tracebacks for clients that were killed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, model: FakeModel) -> None:
        self.model = model
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep the failure for the test to see instead of printing it from a thread."""
        self.model.note_failure()


class FakeModel:
    """The server: a context manager with a `url`, answering from scripts until it is left."""

    def __init__(self, main: Script | Sequence[Step], *, rules: Sequence[Script] = ()) -> None:
        self._main = main if isinstance(main, Script) else Script(main)
        self._rules = tuple(rules)
        self._lock = threading.Lock()
        self._records: list[Record] = []
        self._arrived = threading.Condition(self._lock)
        self.closing = threading.Event()
        self.failures: list[str] = []
        self._server = _Quiet(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        """The base address, without /v1."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Record]:
        """Every request so far, in order of arrival."""
        with self._lock:
            return list(self._records)

    @property
    def calls(self) -> list[Record]:
        """The requests that reached for a model."""
        return [record for record in self.requests if record.is_model_call]

    def told(self, when: Callable[[Record], bool] = lambda _: True) -> Usage:
        """All usage that was told to the end: what a truthful program must report."""
        usages = [record.usage for record in self.requests if record.complete and when(record)]
        return sum((usage for usage in usages if usage is not None), Usage())

    def wait_for_calls(self, count: int, *, timeout_s: float = 30.0) -> list[Record]:
        """Wait for that many model calls, so a test can act while one is in progress."""
        with self._arrived:
            reached = self._arrived.wait_for(
                lambda: sum(record.is_model_call for record in self._records) >= count, timeout_s
            )
        if not reached:
            raise TimeoutError(
                f"{len(self.calls)} of {count} model calls came within {timeout_s} s"
            )
        return self.calls

    def record(self, record: Record) -> None:
        with self._arrived:
            self._records.append(record)
            self._arrived.notify_all()

    def choose(self, request: Request) -> tuple[str, int | None, Action]:
        """The script that answers, the number of its step, and the step.

        A script that has run out refuses with 403, a status Claude Code does not try again, so
        that the mistake shows at once.
        """
        matching = (rule for rule in self._rules if rule.when is not None and rule.when(request))
        script = next(matching, self._main)
        taken = script.take()
        if taken is None:
            return script.name, None, error(403, message=f"the script {script.name!r} has run out")
        return script.name, *taken

    def note_failure(self) -> None:
        """Remember a failure of the server itself; clients that hang up are not one."""
        import traceback

        self.failures.append(traceback.format_exc())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers one request per connection, so that no idle connection holds the server back."""

    protocol_version = "HTTP/1.1"
    server: _Quiet

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: requests are in the records."""

    def do_POST(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.close_connection = True
        record = Record(
            method=self.command,
            path=self.path,
            at=time.time(),
            headers={name.lower(): value for name, value in self.headers.items()},
            request_id=fresh_id("req"),
        )
        try:
            body = self._read_body()
            api = _api_of(self.command, urlsplit(self.path).path)
            if api is None:
                self._answer_other(record)
            else:
                self._answer_model(record, Request(api, self.path, record.headers, body))
        except (ConnectionError, TimeoutError):
            record.client_gone, record.complete = True, False
        finally:
            record.ended_at = time.time()

    def _read_body(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            parsed = json.loads(raw) if raw else {}
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def _answer_other(self, record: Record) -> None:
        """Whatever is asked besides a model: the token counter counts, the rest does not exist."""
        path = urlsplit(self.path).path
        body: dict[str, Any] = {}
        if path.endswith("/v1/messages/count_tokens"):
            record.status, body = 200, {"input_tokens": 1}
        elif path == "/" or self.command == "POST":
            record.status = 200
        else:
            record.status, body = 404, {"error": {"type": "not_found_error", "message": "not here"}}
        self.server.model.record(record)
        self._send_json(record, body)
        record.complete = True

    def _answer_model(self, record: Record, request: Request) -> None:
        record.request, record.model, record.stream = request, request.model, request.stream
        record.script, record.step, action = self.server.model.choose(request)
        if isinstance(action, Failure):
            record.status = action.status
        elif isinstance(action, Answer):
            record.status, record.usage = 200, action.usage
        self.server.model.record(record)
        match action:
            case Hang(seconds):
                record.client_gone = not self._pause(seconds)
            case Failure():
                extra = (
                    {} if action.retry_after is None else {"retry-after": f"{action.retry_after:g}"}
                )
                self._send_json(record, error_body(request.api, action, record.request_id), extra)
            case Answer():
                self._send_answer(record, request, action)

    def _send_answer(self, record: Record, request: Request, answer: Answer) -> None:
        if not self._pause(answer.first_byte_s):
            raise ConnectionAbortedError
        made = reply(request.api, request.model, answer)
        record.message_id = made.id
        if not request.stream:
            record.complete = True
            self._send_json(record, made.whole)
            return
        self._send_head(record, "text/event-stream")
        events = list(made.server_sent_events())
        for number, event in enumerate(events, start=1):
            # Set before the last byte leaves: right after it the test may ask.
            record.complete = number == len(events)
            self.wfile.write(event)
            if not self._pause(answer.per_event_s):
                raise ConnectionAbortedError

    def _send_head(self, record: Record, content_type: str, **extra: str) -> None:
        self.send_response(record.status or 200)
        self.send_header("content-type", content_type)
        self.send_header("request-id", record.request_id)
        self.send_header("x-request-id", record.request_id)
        self.send_header("connection", "close")
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_json(self, record: Record, body: object, extra: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self._send_head(
            record, "application/json", **{"content-length": str(len(raw)), **(extra or {})}
        )
        if self.command != "HEAD":
            self.wfile.write(raw)

    def _pause(self, seconds: float) -> bool:
        """Wait, but no longer than client and server last; False when one of them has gone."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.server.model.closing.wait(min(left, _LOOK_EVERY_S)) or _has_hung_up(
                self.connection
            ):
                return False
        return True


def _api_of(method: str, path: str) -> Api | None:
    if method != "POST":
        return None
    if path.endswith("/v1/messages"):
        return "anthropic"
    return "responses" if path.endswith("/responses") else None


def _has_hung_up(connection: socket.socket) -> bool:
    """Whether the other side closed: readable, with nothing to read."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
