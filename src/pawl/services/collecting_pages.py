"""Fetch one file of a dump: page after page, each kept until the file is whole.

Pages of the running collection are taken as they are, so that a run that was killed goes on behind
the last one. Those of an earlier collection go along as a condition (ETag): what has not changed is
not sent again, and GitHub does not count it.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from pawl.base import typed
from pawl.base.durations import format_duration
from pawl.maturity.host_questions import Answer, Product, Question, Source, kept

MAX_PAGES = 2_000
"""Pages of one list: 200,000 items, as many as the readers take."""
BACKOFF_S = (1.0, 2.0, 4.0)
"""Seconds before a failed request is tried again."""
LIMITS_IN_A_ROW = 10
"""Answers "wait" to one request, after all the waiting, before it is given up."""


class Shelf(Protocol):
    """Holds a dump, and beside it what a collection needs to go on. Names have one `/` at most."""

    @property
    def place(self) -> str:
        """The folder of the dump."""

    def read(self, name: str) -> bytes | None:
        """Return a working file, or None."""

    def write(self, name: str, content: bytes) -> None:
        """Replace a working file whole."""

    def append(self, name: str, line: bytes) -> None:
        """Put a line behind a working file's last."""

    def forget(self, name: str) -> None:
        """Remove a working file or folder, where there is one."""

    def has_dumped(self, name: str) -> bool:
        """Say whether a file is in the dump."""

    def dumped(self, name: str) -> bytes | None:
        """Return a file of the dump, or None."""

    def dump(self, name: str, content: bytes) -> None:
        """Replace a file of the dump whole."""

    def undump(self, name: str) -> None:
        """Remove a file of the dump, where there is one."""

    def clear_dump(self) -> None:
        """Empty the dump; raises BadValue when the folder holds anything else."""


class Unanswered(Exception):
    """A question was not answered; `for_good` when asking again would not help."""

    def __init__(self, reason: str, *, status: int = 0, for_good: bool = True) -> None:
        super().__init__(reason)
        self.status = status
        self.for_good = for_good


class Interrupted(Exception):
    """The collection has to stop for now."""


class Told(msgspec.Struct):
    """What a question was answered with. The ETag is that of its only page, else empty."""

    items: list[Any]
    etag: str = ""
    address: str = ""


class _Page(msgspec.Struct, frozen=True):
    """One page as it is kept."""

    address: str
    began: str
    etag: str
    next: str
    items: list[Any]


class Fetching:
    """Asks one host, counts what it costs, and waits for it."""

    def __init__(
        self,
        product: Product,
        shelf: Shelf,
        *,
        began: str,
        sleep: Callable[[float], None],
        max_wait_s: float,
        told: Callable[[float, str], None],
    ) -> None:
        self.requests = 0
        self.unchanged = 0
        self.waited_s = 0.0
        self._product = product
        self._shelf = shelf
        self._began = began
        self._sleep = sleep
        self._max_wait_s = max_wait_s
        self._told = told
        self._pause_s = 0.0

    def fetch(self, question: Question, known: Told | None) -> Told:
        """Return everything a question asks for; `known` itself when that is what it still is.

        Raises Unanswered and Interrupted.
        """
        pages: list[_Page] = []
        for source in question.sources:
            addresses = {""}
            address = source.path
            while address not in addresses:
                addresses.add(address)
                if len(pages) >= MAX_PAGES:
                    raise Unanswered(f"the list has more than {MAX_PAGES:,} pages")
                page = self._page(question, source, len(pages), address, known)
                if page is None:
                    assert known is not None
                    return known
                pages.append(page)
                address = page.next
            if address:
                raise Unanswered("its pages lead in a circle")
        items = [item for page in pages for item in page.items]
        if question.front is not None and pages:
            items = [*self._moved(question, pages[0]), *items]
        only = pages[0] if len(pages) == 1 else None
        return Told(
            _unique(items, question.unique),
            only.etag if only else "",
            only.address if only else "",
        )

    def forget(self, question: Question) -> None:
        """Remove the pages of a file that is whole and is not listed anew each time."""
        if question.stamp:
            self._shelf.forget(_folder(question))

    def _page(
        self, question: Question, source: Source, number: int, address: str, known: Told | None
    ) -> _Page | None:
        """Return one page, or None when the whole file is still as it is known."""
        name = f"{_folder(question)}/{number}.json"
        kept_page = self._kept(name)
        if kept_page is not None and kept_page.address != address:
            kept_page = None
        if kept_page is not None and kept_page.began == self._began:
            return kept_page
        etag = kept_page.etag if kept_page else ""
        if not etag and known is not None and known.address == address and number == 0:
            etag = known.etag
        answer = self._ask(address, etag)
        if answer.outcome == "unchanged":
            if kept_page is None:
                return None
            page = msgspec.structs.replace(kept_page, began=self._began)
        else:
            items, ended = _items(answer.value, source)
            following = "" if ended or source.one else answer.next
            page = _Page(address, self._began, answer.etag, following, items)
        if not question.stamp or page.next or number:
            self._shelf.write(name, msgspec.json.encode(page))
        return page

    def _kept(self, name: str) -> _Page | None:
        content = self._shelf.read(name)
        try:
            return None if content is None else typed.decode(content, type=_Page)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _moved(self, question: Question, first: _Page) -> list[Any]:
        """Return what moved to the front of a list while it was read.

        Something that changed meanwhile may have moved from a page yet to come to one already
        read. Whatever has not changed since the collection began is where it was.
        """
        assert question.front is not None
        (source,) = question.sources
        found: list[Any] = []
        address, etag = source.path, first.etag
        for _ in range(MAX_PAGES):
            answer = self._ask(address, etag)
            if answer.outcome == "unchanged":
                return found
            items, ended = _items(answer.value, source)
            found += items
            if ended or not answer.next or any(map(question.front, items)):
                return found
            address, etag = answer.next, ""
        raise Unanswered(f"the list has more than {MAX_PAGES:,} pages")

    def _ask(self, address: str, etag: str) -> Answer:
        """Return an answer that is told or unchanged."""
        failures = limits = 0
        while True:
            if self._pause_s:
                self._wait(self._pause_s, "the host's limit is used up")
                self._pause_s = 0.0
            answer = self._product.ask(address, etag)
            self.requests += 1
            if answer.outcome == "told" or (answer.outcome == "unchanged" and etag):
                self.unchanged += answer.outcome == "unchanged"
                self._pause_s = answer.wait_s
                return answer
            if answer.outcome == "refused":
                raise Unanswered(answer.reason, status=answer.status)
            if answer.outcome == "limited":
                limits += 1
                if limits > LIMITS_IN_A_ROW:
                    raise Interrupted(answer.reason)
                self._wait(answer.wait_s, answer.reason)
                continue
            failures += 1
            if failures > len(BACKOFF_S):
                raise Unanswered(answer.reason, status=answer.status, for_good=False)
            if answer.wait_s:
                self._wait(answer.wait_s, answer.reason)
            else:
                self._sleep(BACKOFF_S[failures - 1])

    def _wait(self, seconds: float, reason: str) -> None:
        if self.waited_s + seconds > self._max_wait_s:
            raise Interrupted(f"{reason}; it lasts {format_duration(seconds)} more")
        self._told(seconds, reason)
        self._sleep(seconds)
        self.waited_s += seconds


def _folder(question: Question) -> str:
    return f"pages/{question.file.replace('/', '__')}"


def _items(value: Any, source: Source) -> tuple[list[Any], bool]:
    """Return what is kept of a page, and whether nothing behind it is wanted."""
    listed = [value] if source.one else value
    if source.key and isinstance(value, dict):
        listed = value.get(source.key)
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise Unanswered("not what the host answers to this question", for_good=False)
    found: list[Any] = []
    for told in listed:
        item = kept(told, source.shape)
        if source.stop is not None and source.stop(item):
            return found, True
        changed = item if source.change is None else source.change(item)
        if changed is not None:
            found.append(changed)
    return found, False


def _unique(items: list[Any], field: str) -> list[Any]:
    """Return each item once, in the order in which they first came; the first one told counts."""
    if not field:
        return items
    seen: set[str] = set()
    found = []
    for item in items:
        name = repr(item.get(field))
        if item.get(field) is None or name not in seen:
            seen.add(name)
            found.append(item)
    return found
