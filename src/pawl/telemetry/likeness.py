"""Know a request again where a sender gives it no id.

Some products send telemetry of a request without the id that their session files know it by.
Both tell the session and the same five counts, and within a session the counts of two requests
are practically never all the same, because each request reads what came before it. So these
together serve as the message id of both tellings. Two requests of one session that are alike
in everything stay two requests wherever a session file names them, and are taken for one where
only telemetry tells of them: too little rather than twice.
"""

from pawl.telemetry.event import Event
from pawl.telemetry.usage import Usage

_PREFIX = "like:"


def likeness(
    agent: str,
    session: str | None,
    input: int,
    cache_read: int,
    cache_write: int,
    output: int,
    reasoning: int,
) -> str | None:
    """Return what a request is known by, or None where the session is unknown.

    Counts are those of the disjoint buckets of `Usage`; both cache writes together.
    """
    if session is None:
        return None
    return f"{_PREFIX}{agent}:{session}:{input}-{cache_read}-{cache_write}-{output}-{reasoning}"


def usage_likeness(agent: str, session: str | None, usage: Usage) -> str | None:
    """Return what a request with these tokens is known by, or None without a session."""
    written = usage.cache_write_5m + usage.cache_write_1h
    return likeness(
        agent, session, usage.input, usage.cache_read, written, usage.output, usage.reasoning
    )


def answer_of(event: Event) -> str | None:
    """Return the id of the answer that an event is part of; None where it names none.

    Events of one answer share the provider's message id. A likeness only ties two tellings of a
    request to each other: two requests that look alike are two answers.
    """
    message = event.message_id
    if message is not None and (event.request_id is None or not is_likeness(message)):
        return message
    return event.request_id


def is_likeness(message_id: str) -> bool:
    """Return whether a message id is one of ours, and not the provider's."""
    return message_id.startswith(_PREFIX)
