"""Walk over the wire format of Protocol Buffers without building what is walked over.

Only the envelope of a request is read this way: its parts are handed on as slices, so a body of
millions of empty messages costs no memory, and a record is parsed when its turn comes.
See https://protobuf.dev/programming-guides/encoding/.
"""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """Bytes that are no Protocol Buffers message."""


def parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the length-delimited fields of a message as (number, bytes); others are skipped.

    Raises Malformed where the message is cut, or uses groups, which OTLP never had.
    """
    position, end = 0, len(data)
    while position < end:
        tag = data[position]
        position += 1
        if tag >= 0x80:
            tag, position = _varint(data, position - 1)
        kind = tag & 7
        if tag < 8:
            raise Malformed("a field numbered zero")
        if kind == _BYTES:
            if position < end and data[position] < 0x80:
                size = data[position]
                position += 1
            else:
                size, position = _varint(data, position)
            stop = position + size
            if stop > end:
                raise Malformed("a field is longer than its message")
            yield tag >> 3, data[position:stop]
            position = stop
        elif kind == _VARINT:
            _, position = _varint(data, position)
        elif kind == _FIXED64:
            position += 8
        elif kind == _FIXED32:
            position += 4
        else:
            raise Malformed("a field of an unknown type")
    if position > end:
        raise Malformed("cut inside a field")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Return a number of at most ten bytes, and where it ends."""
    value = shift = 0
    for place in range(position, min(position + 10, len(data))):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place + 1
        shift += 7
    raise Malformed("cut inside a number")


def varint(value: int) -> bytes:
    """Return a number that is not negative as the wire has it."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def number_field(number: int, value: int) -> bytes:
    """Return a field holding a number that is not negative; none for zero, the default."""
    return varint(number << 3) + varint(value) if value else b""


def bytes_field(number: int, value: bytes) -> bytes:
    """Return a length-delimited field."""
    return varint(number << 3 | _BYTES) + varint(len(value)) + value
