"""Digests of tool calls and their results, so that repetition can be seen without content.

Every reader that tells of tool calls sets `attributes["arguments_digest"]` on the call and
`attributes["result_digest"]` on the result with these functions, so that the same call read
from a stream, a transcript or a hook has the same digest. A digest is the first 16 hex digits
of SHA-256: 64 bits, enough to tell a few thousand calls of one session apart.

Normalisation of arguments, and why:

- key order never matters, nor does JSON spacing;
- text loses the spaces around it; inside a field that is a command line or a query, runs of
  spaces and newlines count as one space, since models reflow them. Other text (file contents,
  replacements) keeps its inner spaces: there they are the point of the call;
- beside a field that says what is done (`command`, `cmd`, `prompt`), a `description` and a
  time limit are dropped: models reword the one and stretch the other while repeating the same
  call. Alone they are the call, and stay.
"""

from typing import Any

import msgspec

from pawl.base.canonical import sha256_hex

DIGITS = 16

_SAID_IN_WORDS = ("command", "cmd", "query", "pattern", "url")
_WHAT_IS_DONE = ("command", "cmd", "prompt")
_VOLATILE = frozenset({"description", "timeout", "timeout_ms", "timeout_s", "explanation"})

_encode = msgspec.json.Encoder(order="sorted").encode


def arguments_digest(tool: str, arguments: Any) -> str:
    """Return the digest of a tool call: its tool and normalised arguments.

    `arguments` is a decoded JSON value, or JSON text as some products send it; text that is not
    JSON is taken as it is. Never raises: what cannot be encoded is digested as its `repr`.
    """
    return _digest([tool, _normalised(_decoded(arguments))])


def result_digest(result: Any) -> str:
    """Return the digest of what a tool answered: a decoded JSON value, text or bytes.

    A list of one text block is the same as that text, since products write both.
    """
    if isinstance(result, list) and len(result) == 1 and isinstance(result[0], dict):
        block = result[0]
        if block.get("type") == "text" and isinstance(block.get("text"), str):
            result = block["text"]
    if isinstance(result, bytes):
        result = result.decode("utf-8", "replace")
    return _digest(result.strip() if isinstance(result, str) else result)


def _decoded(arguments: Any) -> Any:
    if not isinstance(arguments, str | bytes):
        return arguments
    try:
        return msgspec.json.decode(arguments)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = arguments.decode("utf-8", "replace") if isinstance(arguments, bytes) else arguments
        return text.strip()


def _normalised(arguments: Any) -> Any:
    if not isinstance(arguments, dict):
        return arguments
    dropped = _VOLATILE if any(key in arguments for key in _WHAT_IS_DONE) else frozenset()
    return {
        key: _text(key, value) if isinstance(value, str) else value
        for key, value in arguments.items()
        if key not in dropped
    }


def _text(key: str, value: str) -> str:
    return " ".join(value.split()) if key in _SAID_IN_WORDS else value.strip()


def _digest(value: Any) -> str:
    try:
        content = _encode(value)
    except RecursionError:
        content = b"nested too deeply"
    except (TypeError, ValueError, OverflowError):
        # Lone surrogates and giant integers: hostile, but still a call.
        content = repr(value)[:100_000].encode("utf-8", "replace")
    return sha256_hex(content)[:DIGITS]
