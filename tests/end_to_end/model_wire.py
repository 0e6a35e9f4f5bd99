"""One scripted answer as the bytes of the Anthropic Messages and the OpenAI Responses API.

Only what the agent programs read is sent. Message ids are fresh every time because the programs
and their transcripts use them to count each call once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.model_script import (
    ANTHROPIC_ERROR_TYPES,
    Answer,
    Api,
    Failure,
    Text,
    ToolCall,
    Usage,
)

Json = dict[str, Any]


def fresh_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in one API's terms: the events of its stream, and what they add up to."""

    id: str
    events: tuple[Json, ...]
    whole: Json

    def server_sent_events(self) -> Iterator[bytes]:
        for event in self.events:
            yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def reply(api: Api, model: str, answer: Answer) -> Reply:
    return _message(model, answer) if api == "anthropic" else _response(model, answer)


def anthropic_usage(usage: Usage, *, output: int | None = None) -> Json:
    """Usage as the Messages API tells it: input without what was cached, output with reasoning."""
    return {
        "input_tokens": usage.input,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_write + usage.cache_write_1h,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.output if output is None else output,
        "output_tokens_details": {"thinking_tokens": usage.reasoning if output is None else 0},
        "service_tier": "standard",
    }


def responses_usage(usage: Usage) -> Json:
    """Usage as the Responses API tells it: totals, and details that are parts of them."""
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write + usage.cache_write_1h,
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.prompt + usage.output,
    }


def error_body(api: Api, failure: Failure, request_id: str) -> Json:
    kind = ANTHROPIC_ERROR_TYPES.get(failure.status, "api_error")
    if api == "anthropic":
        return {
            "type": "error",
            "error": {"type": kind, "message": failure.message},
            "request_id": request_id,
        }
    return {"error": {"message": failure.message, "type": kind, "code": None, "param": None}}


def _message(model: str, answer: Answer) -> Reply:
    message_id = fresh_id("msg")
    blocks = [_block(part) for part in answer.content]
    wants_tools = any(isinstance(part, ToolCall) for part in answer.content)
    stop_reason = "tool_use" if wants_tools else "end_turn"
    empty: Json = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        # As the real service does: the start knows the prompt, the output only at the end.
        "usage": anthropic_usage(answer.usage, output=1),
    }
    final_usage = anthropic_usage(answer.usage)
    events: list[Json] = [{"type": "message_start", "message": empty}]
    for index, block in enumerate(blocks):
        events += _block_events(index, block)
    stopped = {"stop_reason": stop_reason, "stop_sequence": None}
    events.append({"type": "message_delta", "delta": stopped, "usage": final_usage})
    events.append({"type": "message_stop"})
    return Reply(
        message_id, tuple(events), {**empty, "content": blocks, **stopped, "usage": final_usage}
    )


def _block(part: Text | ToolCall) -> Json:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if isinstance(part.input, str):
        raise TypeError(f"{part.name}: the Messages API takes tool input as an object, not as text")
    return {
        "type": "tool_use",
        "id": fresh_id("toolu"),
        "name": part.name,
        "input": dict(part.input),
    }


def _block_events(index: int, block: Json) -> list[Json]:
    if block["type"] == "text":
        start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
    else:
        start = {**block, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        {"type": "content_block_delta", "index": index, "delta": delta},
        {"type": "content_block_stop", "index": index},
    ]


def _response(model: str, answer: Answer) -> Reply:
    response_id = fresh_id("resp")
    items = [_item(part) for part in answer.content]
    started: Json = {
        "id": response_id,
        "object": "response",
        "model": model,
        "status": "in_progress",
        "output": [],
    }
    whole: Json = {
        **started,
        "status": "completed",
        "output": items,
        "usage": responses_usage(answer.usage),
    }
    events: list[Json] = [{"type": "response.created", "response": started}]
    for index, item in enumerate(items):
        events += _item_events(index, item)
    events.append({"type": "response.completed", "response": whole})
    numbered = tuple({**event, "sequence_number": number} for number, event in enumerate(events))
    return Reply(response_id, numbered, whole)


def _item(part: Text | ToolCall) -> Json:
    if isinstance(part, Text):
        content = [{"type": "output_text", "text": part.text, "annotations": []}]
        return {
            "type": "message",
            "id": fresh_id("msg"),
            "status": "completed",
            "role": "assistant",
            "content": content,
        }
    call: Json = {"status": "completed", "call_id": fresh_id("call"), "name": part.name}
    if isinstance(part.input, str):
        return {"type": "custom_tool_call", "id": fresh_id("ctc"), **call, "input": part.input}
    if part.namespace is not None:
        call["namespace"] = part.namespace
    return {
        "type": "function_call",
        "id": fresh_id("fc"),
        **call,
        "arguments": json.dumps(dict(part.input)),
    }


def _item_events(index: int, item: Json) -> list[Json]:
    started = {**item, "status": "in_progress"}
    if item["type"] == "message":
        started["content"] = []
    events: list[Json] = [
        {"type": "response.output_item.added", "output_index": index, "item": started}
    ]
    if item["type"] == "message":
        events.append(
            {
                "type": "response.output_text.delta",
                "output_index": index,
                "content_index": 0,
                "item_id": item["id"],
                "delta": item["content"][0]["text"],
            }
        )
    events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    return events
