"""Awkward but legal things that transcripts contain; each is named, so a miss can be traced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.trees.claude_lines import Answer, without_request_id
from benchmarks.trees.source import RAW_BYTES, Source
from benchmarks.trees.truth import Tokens

Change = Callable[[Answer, Source], Answer]

UNKNOWN_MODEL = "orbit-coder-9-preview"

FAKE_USAGE = (
    '"usage":{"input_tokens":900001,"cache_creation_input_tokens":900002,'
    '"cache_read_input_tokens":900003,"output_tokens":900004}'
)


def _tokens(answer: Answer, **changes: int) -> Answer:
    t = answer.tokens
    values = {name: getattr(t, name) for name in Tokens.__slots__} | changes
    return replace(answer, tokens=Tokens(**values))


def _content(answer: Answer, block: str) -> Answer:
    """Put an awkward block first and last, before and after the ordinary ones."""
    return replace(answer, blocks=[block, *answer.blocks, block])


def _tool(source: Source, arguments: str) -> str:
    return (
        f'{{"type":"tool_use","id":"{source.ident("toolu_")}","name":"mcp__store__put",'
        f'"input":{{{arguments}}}}}'
    )


def _null_arguments(answer: Answer, source: Source) -> Answer:
    return _content(answer, _tool(source, '"id":null,"model":null,"requestId":null,"cwd":null'))


def _usage_argument(answer: Answer, source: Source) -> Answer:
    fake = (
        f'"message":{{"id":"msg_fake","model":"fake-model",{FAKE_USAGE}}},{FAKE_USAGE},'
        '"requestId":"req_fake","type":"assistant","timestamp":"2020-01-01T00:00:00.000Z",'
        '"cwd":"/fake","sessionId":"fake","isSidechain":true'
    )
    return _content(answer, _tool(source, fake))


def _usage_text(answer: Answer, source: Source) -> Answer:
    quoted = f'{{"message":{{"id":"msg_fake",{FAKE_USAGE}}}}}'.replace('"', '\\"')
    return _content(answer, f'{{"type":"text","text":"{source.text(200)}{quoted}\\\\"}}')


def _raw_bytes(answer: Answer, source: Source) -> Answer:
    text = f"{source.text(300)}{RAW_BYTES}{source.text(100)}"
    return _content(answer, f'{{"type":"text","text":"{text}"}}')


def _lone_surrogate(answer: Answer, source: Source) -> Answer:
    text = f"{source.text(300)}\\ud83d"
    return _content(answer, f'{{"type":"text","text":"{text}"}}')


def _all_cache_writes(answer: Answer, *, one_hour: int) -> Answer:
    write = answer.tokens.cache_write_5m + answer.tokens.cache_write_1h + 700
    return _tokens(answer, cache_write_5m=write - one_hour, cache_write_1h=one_hour)


RESPONSE_CASES: dict[str, Change] = {
    "request_id_null": lambda a, _: replace(a, request_id=None),
    "request_id_missing": lambda a, _: without_request_id(a),
    "null_tool_arguments": _null_arguments,
    "usage_in_tool_arguments": _usage_argument,
    "usage_in_text": _usage_text,
    "zero_breakdown": lambda a, _: replace(_all_cache_writes(a, one_hour=0), breakdown="zero"),
    "no_breakdown": lambda a, _: replace(_all_cache_writes(a, one_hour=0), breakdown="none"),
    "cache_write_1h": lambda a, _: _all_cache_writes(a, one_hour=650),
    "web_search": lambda a, s: _tokens(a, web_searches=s.rng.randrange(1, 11)),
    "unknown_model": lambda a, _: replace(a, model=UNKNOWN_MODEL),
    "long_context_haiku": lambda a, s: _tokens(
        replace(a, model="claude-haiku-5-5"), cache_read=100_000 + s.rng.randrange(60_000)
    ),
    "long_context_sonnet": lambda a, s: _tokens(
        replace(a, model="claude-sonnet-4-5"), cache_read=200_000 + s.rng.randrange(90_000)
    ),
    "raw_bytes": _raw_bytes,
    "lone_surrogate": _lone_surrogate,
    "usage_before_content": lambda a, _: replace(a, layout="usage_first"),
    "message_last": lambda a, _: replace(a, layout="type_first"),
    "over_midnight": lambda a, _: replace(a, blocks=(a.blocks * 3)[:3], over_midnight=True),
    "null_cache_read": lambda a, _: _tokens(replace(a, null_cache_read=True), cache_read=0),
}

_EVERY = 4  # one response in so many is awkward


class EdgeCases:
    """Hands out the cases in turn, so that even a small tree holds all of them."""

    def __init__(self) -> None:
        self._count = 0
        self._names = list(RESPONSE_CASES)

    def apply(self, answer: Answer, source: Source) -> Answer:
        self._count += 1
        turn, rest = divmod(self._count, _EVERY)
        if rest:
            return answer
        name = self._names[turn % len(self._names)]
        return replace(RESPONSE_CASES[name](answer, source), case=name)
