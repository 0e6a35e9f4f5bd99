"""Sortable ids: 48 bits of time and 80 bits of chance, in Crockford's base 32.

The form is the ULID of https://github.com/ulid/spec. Time and chance are arguments: the core
has neither clock nor dice.
"""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def ulid(time_ms: int, chance: bytes) -> str:
    """Return a 26-character lower-case id; `chance` is ten random bytes."""
    if len(chance) != 10 or not 0 <= time_ms < 1 << 48:
        raise ValueError("a ulid takes 48 bits of milliseconds and ten random bytes")
    number = time_ms << 80 | int.from_bytes(chance, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def is_run_id(text: str) -> bool:
    """Whether a text is what `run_id` returns."""
    head, body = text[:4], text[4:]
    return head == "run_" and len(body) == 26 and set(body) <= set(_ALPHABET)


def run_id(time_ms: int, chance: bytes) -> str:
    """Return the id of a supervised run."""
    return "run_" + ulid(time_ms, chance)
