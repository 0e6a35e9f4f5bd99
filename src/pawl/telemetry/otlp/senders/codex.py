"""Codex: log events, metrics, and spans of its own runtime.

The counts of a request are in the last of its stream's events, `sse_event`, which names neither
the request nor the response; they are found again in the rollout file by session and counts.
Cached and cache-written tokens are inside the input count, reasoning is inside the output.
Each attempt at a request is an `api_request`, which is no request of its own here.
"""

from pawl.telemetry.otlp.naming import names
from pawl.telemetry.otlp.sender import Sender

SENDER = Sender(agent="codex", names=lambda: names("codex"))
