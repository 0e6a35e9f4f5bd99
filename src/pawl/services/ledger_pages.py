"""The ledger for people to look through: pages of entries, one entry with its links, its check."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.governance.ledger import GENESIS, Entry, EntryType, entry_hash
from pawl.services.ledger import Ledger, LedgerReport

if TYPE_CHECKING:
    from pawl.store.records.engine import Engine

PER_PAGE = 50
MAX_BODY = 64 * 1024
"""Characters of a body that a page shows."""
TYPES = tuple(sorted(EntryType))
"""What can be chosen; the beginning of a type, such as `change.`, can be asked for as well."""


class LedgerQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for; days are ISO, both inclusive; what is empty is all."""

    kind: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    before: int = 0


class LedgerView(msgspec.Struct, frozen=True, kw_only=True):
    """One page of entries, newest first. `older` is where the next page begins, 0 at the end."""

    question: LedgerQuestion
    entries: tuple[Entry, ...]
    older: int
    types: tuple[str, ...]
    head: tuple[int, str]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must be the same twice: as the entry says it, and as worked out anew."""

    name: str
    said: str
    found: str

    @property
    def holds(self) -> bool:
        """Whether both are the same."""
        return self.said == self.found


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry with its links. `body` is its JSON, set out; `cut` characters of it are left out.

    `before` and `after` are the numbers of its neighbours, None where there are none.
    """

    entry: Entry
    body: str
    cut: int
    links: tuple[Link, ...]
    before: int | None
    after: int | None

    @property
    def holds(self) -> bool:
        """Whether everything about it fits."""
        return all(link.holds for link in self.links)


class LedgerPages:
    """The pages on the ledger of one data folder."""

    def __init__(self, engine: "Engine", now: Callable[[], str]) -> None:
        self._engine = engine
        self._ledger = Ledger(engine, now)

    def page(self, question: LedgerQuestion) -> LedgerView:
        """Return the entries that are asked for."""
        # Imported here: whoever only renders does not open the store.
        from pawl.store.records.ledger import head
        from pawl.store.records.ledger_queries import Asked

        found = self._ledger.page(
            Asked(
                type=question.kind or None,
                subject=question.subject or None,
                since=_midnight(question.since, 0),
                until=_midnight(question.until, 1),
                before=question.before or None,
                limit=PER_PAGE,
            )
        )
        return LedgerView(
            question=question,
            entries=found.entries,
            older=found.before or 0,
            types=TYPES,
            head=head(self._engine),
        )

    def entry(self, seq: int) -> EntryView | None:
        """Return one entry with its links checked, or None where there is none."""
        from pawl.store.records.ledger_queries import LedgerQueries

        entries = LedgerQueries(self._engine)
        entry = entries.entry(seq)
        if entry is None:
            return None
        return entry_view(entry, entries.entry(seq - 1), entries.entry(seq + 1))

    def verify(self, kept: Iterable[tuple[str, str]] = ()) -> LedgerReport:
        """Recompute the whole chain; `kept` are checkpoints to compare with, and their places."""
        return self._ledger.verify(texts=kept)


def _midnight(day: str, later: int) -> str | None:
    """Return when a day begins, or so many days after it; None for no day."""
    if not day:
        return None
    return f"{date.fromisoformat(day) + timedelta(days=later)}T00:00:00.000000Z"


def entry_view(entry: Entry, before: Entry | None, after: Entry | None) -> EntryView:
    """Return an entry with what it must agree with: itself, its body and its neighbours."""
    first = GENESIS if entry.seq == 1 else "no entry stands before it"
    links = [
        Link(name="body", said=entry.body_digest, found=sha256_hex(entry.body.encode())),
        Link(name="entry", said=entry.hash, found=_hash(entry)),
        Link(name="link back", said=entry.prev_hash, found=before.hash if before else first),
    ]
    if after is not None:
        links.append(Link(name="link on", said=entry.hash, found=after.prev_hash))
    body = _set_out(entry.body)
    return EntryView(
        entry=entry,
        body=body[:MAX_BODY],
        cut=max(0, len(body) - MAX_BODY),
        links=tuple(links),
        before=before.seq if before else None,
        after=after.seq if after else None,
    )


def _hash(entry: Entry) -> str:
    try:
        return entry_hash(entry)
    except (ValueError, OverflowError):
        return "it cannot be worked out"


def _set_out(body: str) -> str:
    """Return JSON on several lines; what is none as it stands."""
    try:
        return msgspec.json.format(body, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return body
