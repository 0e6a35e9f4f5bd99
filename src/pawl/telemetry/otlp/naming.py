"""The tables of names, loaded and turned into what a reader looks things up in."""

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.telemetry.content import Role
from pawl.telemetry.otlp.lean import Attributes

Spellings = tuple[str, ...]

Meaning = Literal[
    "attempt",
    "compaction",
    "error",
    "hook",
    "loop",
    "mcp_connection",
    "message",
    "prompt",
    "refusal",
    "request",
    "retry",
    "session",
    "subagent_ended",
    "subagent_started",
    "tool",
    "tool_decision",
    "tool_result",
]
"""What a named event or span tells of."""


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spellings of what events have a field for, or are computed from; the first there wins.

    `response_id` is the provider's id of an answer, by which others know the message.
    `input_uncached` is disjoint from cached tokens whatever the convention is.
    `prompt_of_tools` counts tokens that server-side tools read, outside the input count.
    """

    operation: Spellings = ()
    sequence: Spellings = ()
    session_id: Spellings = ()
    developer: Spellings = ()
    agent_version: Spellings = ()
    provider: Spellings = ()
    model: Spellings = ()
    speed: Spellings = ()
    request_id: Spellings = ()
    response_id: Spellings = ()
    tool: Spellings = ()
    tool_call_id: Spellings = ()
    branch: Spellings = ()
    commit: Spellings = ()
    outcome: Spellings = ()
    decision: Spellings = ()
    duration_ms: Spellings = ()
    status: Spellings = ()
    error: Spellings = ()
    attempt: Spellings = ()
    input: Spellings = ()
    input_uncached: Spellings = ()
    output: Spellings = ()
    cache_read: Spellings = ()
    cache_write: Spellings = ()
    cache_write_5m: Spellings = ()
    cache_write_1h: Spellings = ()
    reasoning: Spellings = ()
    prompt_of_tools: Spellings = ()
    web_searches: Spellings = ()
    cost_micros: Spellings = ()
    cost_usd: Spellings = ()


class Names(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one family of senders spells what it tells.

    `services` and `scopes` say whose it is, `*` at the end stands for any rest. `cached` and
    `reasoning` say whether those tokens are inside the input and the output count;
    `cached_outside` lists providers for which the input count is without them all the same.
    `match_by_counts` is for senders that give requests no id (see `pawl.telemetry.likeness`).
    `keep` lists what goes into an event's attributes, `sizes` contents of which only the length
    does, `contents` those that are gathered beside the events where somebody asked for it,
    `values` a sender's words for our own. `metrics` are those worth an event, `noise` are spans
    that nobody asked for.
    """

    schema: str
    as_of: str
    sources: dict[str, str]
    services: Spellings
    scopes: Spellings
    prefixes: Spellings
    cached: Literal["inside", "outside"]
    reasoning: Literal["inside", "outside"]
    events: dict[str, Meaning]
    spans: dict[str, Meaning]
    fields: Fields
    keep: dict[str, Spellings]
    metrics: Spellings
    cached_outside: Spellings = ()
    match_by_counts: bool = False
    service_version: bool = True
    fallback: bool = False
    noise: Spellings = ()
    sizes: dict[str, Spellings] = {}
    contents: dict[Role, Spellings] = {}
    values: dict[str, dict[str, str]] = {}

    def told(self, name: str) -> str:
        """Return an event's or span's name without the sender's prefix."""
        for prefix in self.prefixes:
            if name.startswith(prefix):
                return name[len(prefix) :]
        return name


class Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Spellings of whose work it is, in a resource's attributes."""

    schema: str
    as_of: str
    sources: dict[str, str]
    fields: dict[
        Literal[
            "run_id",
            "project",
            "repo",
            "branch",
            "commit",
            "pr",
            "workflow",
            "developer",
            "machine",
            "agent_version",
            "session_id",
        ],
        Spellings,
    ]
    keep: dict[str, Spellings]


@cache
def names(table: str) -> Names:
    """Return a table of this package by the name of its file; raises BadFile."""
    found: Names = _load(table, Names)
    for listed in (found.keep, found.sizes, found.contents):
        for ours, spellings in listed.items():
            if not spellings:
                raise BadFile(f"{ours} has no spelling.", place=f"{table}.yaml")
    return found


@cache
def resource() -> Resource:
    """Return the table of whose work it is."""
    found: Resource = _load("resource", Resource)
    return found


def _load(table: str, kind: Any) -> Any:
    file = f"{table}.yaml"
    text = files("pawl.telemetry.otlp.names").joinpath(file).read_text("utf-8")
    return load_yaml(text, kind, place=file)


def inverted(table: dict[str, Spellings]) -> dict[str, str]:
    """Return which of our names each spelling stands for."""
    return {spelling: ours for ours, spellings in table.items() for spelling in spellings}


def pick(attributes: Attributes, spellings: Spellings) -> Any:
    """Return the value of the first spelling that is there, or None."""
    for spelling in spellings:
        value = attributes.get(spelling)
        if value is not None:
            return value
    return None


def fits(name: str, patterns: Spellings) -> bool:
    """Return whether a name is one of the patterns; `*` at the end stands for any rest."""
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in patterns
    )
