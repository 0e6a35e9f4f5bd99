"""One telling of a model request, lean enough for millions of them.

An observation is a request event without what a bill does not ask for; each can be made of the
other. Readers of transcripts yield them directly, because making whole events of a year of
transcripts is most of the time a bill takes.
"""

import msgspec

from pawl.telemetry.event import Event, Kind, Source

SOURCES = (Source.TRANSCRIPT, Source.RUN, Source.TELEMETRY, Source.CSV)
"""In order of trust in token counts; an observation's `rank` is an index into it."""

SOURCE_NAMES = tuple(str(source) for source in SOURCES)
"""The same as plain text, which hashes several times as fast as a member of an enumeration."""

_RANK = {source: rank for rank, source in enumerate(SOURCES)}


class Observation(msgspec.Struct, array_like=True, gc=False):
    """One telling of a request. Mutable only until it is folded: the shell fills in attribution.

    `id` is the id of the event it came from. `side` marks a side chain, `copied` a line that says
    it is a copy of another session's. Token fields are the buckets of `Usage`; `input` is None
    where the observation tells no tokens. `cwd` is where the agent worked, until the shell has
    turned it into `project` and `repo`.
    """

    id: str
    time: str
    rank: int
    agent: str
    model: str | None = None
    request_id: str | None = None
    message_id: str | None = None
    input: int | None = None
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    web_searches: int = 0
    final: bool = True
    side: bool = False
    copied: bool = False
    session_id: str | None = None
    project: str | None = None
    repo: str | None = None
    branch: str | None = None
    developer: str | None = None
    machine: str | None = None
    reported_micros: int | None = None
    cwd: str | None = None


def observation(event: Event) -> Observation:
    """Return what a request event tells."""
    return Observation(
        event.id,
        event.time,
        _RANK[event.source],
        event.agent,
        event.model,
        event.request_id,
        event.message_id,
        None if event.usage is None else event.input or 0,
        event.cache_read or 0,
        event.cache_write_5m or 0,
        event.cache_write_1h or 0,
        event.output or 0,
        event.reasoning or 0,
        event.web_searches or 0,
        event.final is not False,
        event.attributes.get("sidechain") == "true",
        event.attributes.get("copied") == "true",
        event.session_id,
        event.project,
        event.repo,
        event.branch,
        event.developer,
        event.machine,
        event.reported_micros,
        event.attributes.get("cwd"),
    )


def event(seen: Observation) -> Event:
    """Return the event an observation stands for: the inverse of `observation`."""
    attributes = {}
    if seen.side:
        attributes["sidechain"] = "true"
    if seen.copied:
        attributes["copied"] = "true"
    if seen.cwd is not None:
        attributes["cwd"] = seen.cwd
    told = seen.input is not None
    return Event(
        id=seen.id,
        time=seen.time,
        kind=Kind.REQUEST,
        source=SOURCES[seen.rank],
        agent=seen.agent,
        session_id=seen.session_id,
        request_id=seen.request_id,
        message_id=seen.message_id,
        model=seen.model,
        project=seen.project,
        repo=seen.repo,
        branch=seen.branch,
        developer=seen.developer,
        machine=seen.machine,
        input=seen.input,
        cache_read=seen.cache_read if told else None,
        cache_write_5m=seen.cache_write_5m if told else None,
        cache_write_1h=seen.cache_write_1h if told else None,
        output=seen.output if told else None,
        reasoning=seen.reasoning if told else None,
        web_searches=seen.web_searches if told else None,
        final=seen.final,
        reported_micros=seen.reported_micros,
        attributes=attributes,
    )
