"""Time and chance: the only places where Pawl looks at a clock or throws dice."""

import os
import random
import time
from collections.abc import Callable

from pawl.base.ids import run_id, ulid
from pawl.base.times import time_from_ms

monotonic: Callable[[], float] = time.monotonic
"""Seconds of a clock that never goes back; all deadlines are on it."""


def now() -> str:
    """Return the canonical UTC time it is."""
    return time_from_ms(time.time() * 1000)


def new_run_id() -> str:
    """Return a fresh, sortable run id."""
    return run_id(int(time.time() * 1000), os.urandom(10))


def new_id(prefix: str) -> str:
    """Return a fresh, sortable id such as `chg_01k…`."""
    return f"{prefix}_{ulid(int(time.time() * 1000), os.urandom(10))}"


def new_uuid() -> str:
    """Return a fresh random UUID (version 4) without importing `uuid`."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_token() -> str:
    """Return 128 random bits in hex, unguessable."""
    return os.urandom(16).hex()


def chance() -> float:
    """Return a number in [0, 1), for jitter only."""
    return random.random()  # noqa: S311 - spreads retries, guards nothing
