"""What an executor is: it is told to bring a state about, and asked what state there is.

Which executors there are on a machine, and with what, is said by the data folder's own `pawl.toml`
only. A change names one by its kind; nothing of the change, or of the repository it comes from, is
ever a command, an address or a path here.
"""

import os
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from pawl.changes.executing import NotExecuted, Order, Seen
from pawl.runs.change_settings import ExecutorSettings

__all__ = ["Executor", "ExecutorKind", "NotExecuted", "Opening"]


class Executor(Protocol):
    """An executor that is ready. `timeout_s` is the longest that one call or reading takes."""

    timeout_s: float

    def call(self, order: Order) -> None:
        """Bring the order's state about; once it is, doing so again does nothing. NotExecuted."""

    def read_back(self, order: Order) -> Seen:
        """Return what there is of the order's components now; raises NotExecuted."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What an executor is opened with. `folder` is the data folder; `place` is for errors."""

    settings: ExecutorSettings
    folder: str
    place: str
    now: Callable[[], str]
    environment: Mapping[str, str] = os.environ


class ExecutorKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of executor. `open` raises BadValue for settings with which it cannot work."""

    title: str
    open: Callable[[Opening], Executor]
