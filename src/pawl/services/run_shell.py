"""The world as a whole run sees it, from before the start to after the end."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

import msgspec

from pawl.runs.config import Settings, Terms
from pawl.runs.meter import Price
from pawl.runs.outside import Surroundings
from pawl.services.run_around import BatchSpool, Following, ProcessTree, Watching
from pawl.services.run_books import Folder, Left, Records
from pawl.telemetry.format import TranscriptReader

if TYPE_CHECKING:
    from pawl.services.budgeting import Plan
    from pawl.services.contents import Keeping


class Hooks(Protocol):
    """Where an agent's hooks ask."""

    path: str

    def close(self) -> None:
        """Hang up."""


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside that a run touches. `now` is canonical, `monotonic` in seconds."""

    now: Callable[[], str]
    monotonic: Callable[[], float]
    chance: Callable[[], float]
    new_run_id: Callable[[], str]
    new_uuid: Callable[[], str]
    new_token: Callable[[], str]
    surroundings: Callable[[], Surroundings]
    settings_texts: Callable[[tuple[str, ...], str], Mapping[str, str]]
    """(command, folder) → texts of the settings files that the command names."""
    find_program: Callable[[str, Mapping[str, str], str], str]
    """(name, environment, folder) → path; raises Refused."""
    tree: Callable[[], ProcessTree]
    hooks: Callable[[str, Folder], Hooks]
    watch: Callable[[], AbstractContextManager[Watching]]
    following: Callable[[], Following]
    spool: Callable[[str], BatchSpool]
    folder: Callable[[str, bytes], Folder]
    abandoned: Callable[[], Sequence[Left]]
    ordering: Callable[[], AbstractContextManager[None]] = nullcontext
    """Held by whoever puts dead runs in order."""
    kill_marked: Callable[[str], int]
    records: Callable[[], Records]
    open_transcript: Callable[[str, str], TranscriptReader]
    price: Price
    hook_command: tuple[str, ...]
    pid: int
    stdin_again: Callable[[], bool]
    """Bring stdin back to where it was; False when what was read is gone."""
    budgets: "Callable[[Surroundings, Settings, Terms], Plan | None]" = lambda *_: None
    """What budgets ask of the run; None where none can apply. Raises BadFile."""
    keeping: "Callable[[], Keeping | None]" = lambda: None
    """Where the texts of a run are kept; None where nobody asked for it. Raises BadFile."""
