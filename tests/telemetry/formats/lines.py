"""Lines of transcripts, written by hand for the tests of the readers."""

import json
from pathlib import Path
from typing import Any

from pawl.telemetry.format import Depth, Format
from pawl.telemetry.observation import Observation

FIXTURES = Path(__file__).parents[2] / "fixtures" / "agents"


def claude(
    *,
    request: str | None = "req_1",
    message: str | None = "msg_1",
    model: str | None = "claude-opus-5-5",
    time: str = "2026-11-20T10:00:00.000Z",
    usage: dict[str, Any] | None = None,
    output: int | None = None,
    stop: str | None = "end_turn",
    content: list[Any] | None = None,
    **top: Any,
) -> dict[str, Any]:
    """Return an assistant line; `output` overrides one count of a plain usage."""
    counts = usage if usage is not None else {"input_tokens": 10, "output_tokens": 5}
    counts = counts if output is None else counts | {"output_tokens": output}
    line: dict[str, Any] = {
        "type": "assistant",
        "timestamp": time,
        "sessionId": "11111111-1111",
        "uuid": f"uuid-{request}-{message}-{time}-{counts['output_tokens']}",
        "cwd": "/home/dev/shop",
        "gitBranch": "main",
        "version": "2.1.329",
        "isSidechain": False,
        "message": {
            "id": message,
            "model": model,
            "role": "assistant",
            "content": content or [{"type": "text", "text": "hello"}],
            "stop_reason": stop,
            "usage": counts,
        },
    }
    if request is not None:
        line["requestId"] = request
    return line | top


def encoded(*lines: Any, spaced: bool = False) -> bytes:
    """Return JSON lines as a program writes them: compact, or with spaces."""
    separators = None if spaced else (",", ":")
    return b"".join(json.dumps(line, separators=separators).encode() + b"\n" for line in lines)


def observe(form: Format, content: bytes, path: str = "x.jsonl") -> list[Observation]:
    """Return the observations of a whole file."""
    return form.open(path, Depth(everything=False), None).observe(content)


def recorded(form: Format, case: str) -> list[Observation]:
    """Return the observations of all transcripts of a recorded case."""
    found = []
    for path in sorted((FIXTURES / case / "transcripts").rglob("*.jsonl")):
        found.extend(observe(form, path.read_bytes(), str(path)))
    return found
