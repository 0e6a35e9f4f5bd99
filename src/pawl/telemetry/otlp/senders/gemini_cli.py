"""Gemini CLI: log events, metrics, and spans.

`api_response` tells a request's counts, without an id; the event of the GenAI conventions beside
it tells of the same request with fewer counts and is passed over. Cached tokens are inside the
input count, thoughts are outside the output. The log event of a tool call has no call id and
its span has, so tools are told by spans.
"""

from pawl.telemetry.otlp.naming import names
from pawl.telemetry.otlp.sender import Sender

SENDER = Sender(agent="gemini-cli", names=lambda: names("gemini_cli"))
