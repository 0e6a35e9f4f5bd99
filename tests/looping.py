"""Run a coroutine to its end wherever a test stands.

A browser that is driven from another file of the same process keeps a loop of its own running in
the main thread, where no second one may start.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def finished(story: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns, or raise what it raises; it runs in a thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, story).result()
