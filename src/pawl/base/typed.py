"""Read JSON, MessagePack and plain values as typed ones, safely in threads.

What a type looks like is worked out by msgspec when it is first read, and a type that one thread is
still working out is used half-made by another: the process ends with a segmentation fault (seen
with 0.22.0; two threads that first decode the same Struct do it within seconds). So every first use
goes through one lock, and nothing else of Pawl reads typed values any other way; a test of the
house holds that.
"""

import threading
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_lock = threading.Lock()
_known: set[Any] = set()
_packed: set[Any] = set()


def decode(text: bytes | bytearray | str, *, type: type[T]) -> T:
    """Return JSON text as a value of a type; raises msgspec.DecodeError and ValidationError."""
    if type not in _known:
        _work_out(type)
    return msgspec.json.decode(text, type=type)


def convert(value: Any, type: type[T], *, strict: bool = True) -> T:
    """Return plain values as a value of a type; raises msgspec.ValidationError."""
    if type not in _known:
        _work_out(type)
    return msgspec.convert(value, type, strict=strict)


def decoder(type: type[T]) -> "msgspec.json.Decoder[T]":
    """Return a decoder of a type, for those who read many values of it."""
    _work_out(type)
    return msgspec.json.Decoder(type)


def unpack(data: bytes, *, type: type[T]) -> T:
    """Return MessagePack as a value of a type; raises as `decode` does."""
    if type not in _packed:
        unpacker(type)
    return msgspec.msgpack.decode(data, type=type)


def unpacker(type: type[T]) -> "msgspec.msgpack.Decoder[T]":
    """Return a decoder of a type's MessagePack, for those who read many values of it."""
    with _lock:
        made = msgspec.msgpack.Decoder(type)
        _packed.add(type)
    return made


def _work_out(kind: Any) -> None:
    with _lock:
        msgspec.json.Decoder(kind)
        _known.add(kind)
