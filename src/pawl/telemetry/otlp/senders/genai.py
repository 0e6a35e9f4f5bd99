"""Anybody who follows OpenTelemetry's conventions for generative AI, old or new.

It takes what no other sender claims. A request is a span, or the event with its details, of an
operation that calls a model once; both know it by the response's id, else by the span. Cached
tokens are inside the input count, as the conventions say.
"""

from pawl.telemetry.otlp.naming import names
from pawl.telemetry.otlp.sender import Sender

SENDER = Sender(agent=None, names=lambda: names("genai"))
