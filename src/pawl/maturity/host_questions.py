"""What is asked of a code host for a dump of it, and what its answers mean.

A product says what to ask as a generator: it yields questions, is sent what became of each, and
asks on from there. Whoever drives it fetches, waits, keeps and goes on after an interruption.
Only the named fields of an answer are kept, so that neither addresses nor code get into a dump.
"""

from collections.abc import Callable, Generator
from typing import Any, Literal, Protocol

import msgspec

from pawl.base.times import canonical_time

Shape = Literal[True] | dict[str, Any] | list[Any]
"""What to keep: True a plain value, an object the fields named, a list each item by its shape."""

Outcome = Literal["told", "unchanged", "limited", "refused", "failed"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a host answered to one request.

    `refused` is for good (no right, not there), `failed` may pass (an error of the server's, no
    JSON), `limited` asks to wait. `wait_s` seconds are to pass before anything else is asked.
    `next` is the address of the page behind this one.
    """

    outcome: Outcome
    status: int = 0
    value: Any = None
    reason: str = ""
    wait_s: float = 0.0
    etag: str = ""
    next: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One list (or, with `one`, one object) of the API, `path` being below its base address.

    `key` names the list inside an object. `change` turns a kept item into another, or into None
    to leave it out. Once `stop` is true of a kept item, no later page is asked for. Items that are
    no objects never get to either.
    """

    path: str
    shape: Shape
    key: str = ""
    one: bool = False
    change: Callable[[Any], Any] | None = None
    stop: Callable[[Any], bool] | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What one file of a dump holds. Without it `part` is missing, unless `quiet`.

    A file whose `stamp` has not changed is not asked for again; without a stamp it is asked for
    in every collection. Items with the same `unique` field are one, the first one counts. `front`
    is for lists whose items move to the front when they change: it is true of items that have not
    moved since the collection began, and those before them are read once more at the end.
    `left` questions are known to follow.
    """

    file: str
    part: str
    sources: tuple[Source, ...]
    stamp: str = ""
    unique: str = ""
    front: Callable[[Any], bool] | None = None
    quiet: bool = False
    left: int = 0


class Note(msgspec.Struct, frozen=True):
    """A part that is missing, and why. `untold`: the host keeps no such thing, for anybody.

    The files in `drop` would tell half of it, and are taken out of the dump.
    """

    part: str
    reason: str
    untold: bool = False
    drop: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a question. `load` returns the items that were kept."""

    ok: bool
    status: int = 0
    reason: str = ""
    load: Callable[[], list[Any]] = list


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which repository to ask about, from when on, and when the collection began."""

    repository: str
    since: str
    began: str


Questions = Generator[Question | Note, Result, None]


class Product(Protocol):
    """A code host that can be asked."""

    @property
    def name(self) -> Literal["github", "gitlab"]:
        """Its name, as dumps tell it."""

    @property
    def url(self) -> str:
        """The base address of its API."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Everything that may turn out to be missing."""

    def questions(self, scope: Scope) -> Questions:
        """Ask for everything in a dump; raises BadValue when there is no such repository."""

    def ask(self, address: str, etag: str) -> Answer:
        """Return what is answered at a path below the base, or at the address of a next page."""


def kept(value: Any, shape: Shape) -> Any:
    """Return what a shape keeps of a value; whatever has another form than told becomes None."""
    if shape is True:
        return value if isinstance(value, str | int | float | bool) else None
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return None
        return {name: kept(value[name], inner) for name, inner in shape.items() if name in value}
    return [kept(item, shape[0]) for item in value] if isinstance(value, list) else None


def fields(names: str, **nested: Shape) -> dict[str, Any]:
    """Return the shape of an object with plain fields and nested ones."""
    return {**dict.fromkeys(names.split(), True), **nested}


def is_before(text: Any, moment: str) -> bool:
    """Say whether a time as a host tells it lies before a canonical one; what is none does not."""
    try:
        return isinstance(text, str) and canonical_time(text.strip()) < moment
    except (ValueError, OverflowError):
        return False
