"""opencode: the spans of the AI SDK that it calls models with.

Only the spans of single requests are counted; those around them carry the sums of their steps.
"""

from pawl.telemetry.otlp.naming import names
from pawl.telemetry.otlp.sender import Sender

SENDER = Sender(agent="opencode", names=lambda: names("opencode"))
