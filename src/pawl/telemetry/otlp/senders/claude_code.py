"""Claude Code: log events, metrics, and beta spans.

A log event `api_request` tells a request whole, with its id, its cost and how long cache writes
live. The span of the same request carries the same id but not that lifetime, so it is a telling
in part. Cached tokens are outside the input count. A sub-agent's spans name the sub-agent as
their conversation; the session is what `session.id` says.
"""

from pawl.telemetry.otlp.naming import names
from pawl.telemetry.otlp.sender import Sender

SENDER = Sender(agent="claude-code", names=lambda: names("claude_code"))
