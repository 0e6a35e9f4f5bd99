"""Collect a dump of a code host: ask, keep, wait out limits, go on where an earlier run stopped.

A file gets into the dump when all of it has been told, never before; what is not there is named
in `export.json`, so that it reads as unknown and never as no. While a collection runs, or after it
was killed, that file names everything as missing.

Files are asked for once per collection. Those about a single change carry its last update as a
stamp and are not asked for again while that stays the same, in later collections neither.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from pawl import __version__
from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile, BadValue, Unavailable
from pawl.base.times import format_time, parse_time
from pawl.maturity.collected import Collected
from pawl.maturity.host_questions import Note, Product, Question, Result, Scope
from pawl.maturity.looking.recent import days_before
from pawl.services.collecting_pages import Fetching, Interrupted, Shelf, Told, Unanswered
from pawl.services.collecting_state import Entry, State, journal, known_state

FAILURES_IN_A_ROW = 3
"""Questions that fail one after the other, each asked several times, before the host is left
alone."""
_GOING_ON = "the collection has not finished"
_SAME = {"comments": "agent_comments"}
"""Parts that probes know by a second name."""


class Progress(Protocol):
    """Is told how far a collection is."""

    def step(self, done: int, total: int, what: str) -> None:
        """So many of the questions known so far are answered; `what` was the last."""

    def wait(self, seconds: float, reason: str) -> None:
        """Nothing will happen for so long."""


def collect(
    product: Product,
    shelf: Shelf,
    *,
    repository: str,
    window: str,
    since: str,
    now: str,
    sleep: Callable[[float], None],
    max_wait_s: float,
    progress: Progress,
    fresh: bool = False,
) -> Collected:
    """Bring the dump on the shelf up to date, or as far as limits allow.

    `window` is how `since` was asked for; an unfinished collection of the same is gone on with,
    unless `fresh`. At most `max_wait_s` seconds are waited for limits in all. Raises BadValue for
    a repository that the host does not show and Unavailable when the disk fails.
    """
    asked = State(
        version=__version__,
        url=product.url,
        repository=repository.lower(),
        window=window,
        since=since,
        began=now,
        into=shelf.place,
    )
    known = known_state(shelf)
    resumed = known is not None and known.goes_on(asked) and not fresh
    state = known if known is not None and resumed else asked
    if known is None or not known.is_about(asked):
        # Only what saves requests; the dump itself stays until the host has answered.
        shelf.forget("journal.ndjson")
        shelf.forget("pages")
    fetching = Fetching(
        product, shelf, began=state.began, sleep=sleep, max_wait_s=max_wait_s, told=progress.wait
    )
    collection = _Collection(product, shelf, state, fetching, progress)
    collection.repository = repository
    collection.run(known)
    return collection.collected(resumed=resumed)


def since_of(window: str, now: str) -> str:
    """Return the canonical time from when on to collect: so long before now, or a day or time.

    Raises BadValue for what is neither or not in the past.
    """
    try:
        days = parse_duration(window) / 86_400
    except BadValue:
        days = 0.0
    try:
        since = days_before(now, days) if days else format_time(parse_time(window.strip()))
    except (BadValue, OverflowError) as error:
        raise BadValue(
            f"{window!r} is no time to look back to.",
            place="--since",
            hint="Write a duration such as 90d, or a day such as 2026-08-01.",
        ) from error
    if since >= now:
        raise BadValue(f"{window!r} is not in the past.", place="--since")
    return since


class _Part(msgspec.Struct):
    """How many files a part was asked in, how many failed, and why the first one did."""

    asked: int = 0
    failed: int = 0
    reason: str = ""


class _Collection:
    """Answers a product's questions from the dump, else from the host."""

    def __init__(
        self, product: Product, shelf: Shelf, state: State, fetching: Fetching, progress: Progress
    ) -> None:
        self.repository = state.repository
        self._product = product
        self._shelf = shelf
        self._state = state
        self._fetching = fetching
        self._progress = progress
        self._journal = journal(shelf)
        self._known: State | None = None
        self._started = False
        self._branch = ""
        self._stopped = ""
        self._failing = 0
        self._parts: dict[str, _Part] = {}
        self._notes: dict[str, str] = {}
        self._untold: dict[str, str] = {}
        self._asked: set[str] = set()
        self._changes = 0
        self._kept = 0

    def run(self, known: State | None) -> None:
        """Ask everything; whatever ends it before it is told, the dump says that it lacks it all.

        `known` is the state that was found. Nothing of it is given up before the host answers.
        """
        self._known = known
        scope = Scope(repository=self.repository, since=self._state.since, began=self._state.began)
        questions = self._product.questions(scope)
        try:
            step = next(questions)
            while True:
                step = questions.send(self._taken(step))
        except StopIteration:
            self._end()

    def collected(self, *, resumed: bool) -> Collected:
        """Return what it brought."""
        return Collected(
            product=self._product.name,
            repository=self.repository,
            into=self._shelf.place,
            began=self._state.began,
            complete_since=self._state.since,
            resumed=resumed,
            stopped=self._stopped,
            missing=self._missing(),
            untold=dict(self._untold),
            changes=self._changes,
            files=len(self._asked & self._journal.keys()),
            kept=self._kept,
            requests=self._fetching.requests,
            unchanged=self._fetching.unchanged,
            waited_s=self._fetching.waited_s,
        )

    def _taken(self, step: Question | Note) -> Result:
        if isinstance(step, Note):
            (self._untold if step.untold else self._notes)[step.part] = step.reason
            for name in step.drop:
                self._shelf.undump(name)
            return Result(ok=True)
        result = self._result(step)
        part = self._parts.setdefault(step.part, _Part()) if not step.quiet else _Part()
        part.asked += 1
        if result.ok:
            self._learn(step, result)
        else:
            part.failed += 1
            part.reason = part.reason or result.reason
        done = len(self._asked)
        self._progress.step(done, done + step.left, step.file)
        return result

    def _result(self, question: Question) -> Result:
        self._asked.add(question.file)
        entry = self._journal.get(question.file)
        stamp = question.stamp or self._state.began
        there = self._shelf.has_dumped(question.file)
        if entry is not None and entry.stamp == stamp and there:
            self._kept += 1
            return Result(ok=True, load=lambda: self._dumped(question.file))
        if self._stopped:
            return Result(ok=False, reason=self._stopped)
        known = Told([], entry.etag, entry.address) if entry is not None and there else None
        try:
            told = self._fetching.fetch(question, known)
        except Unanswered as failure:
            return self._failed(failure)
        except Interrupted as stop:
            self._stopped = str(stop)
            return Result(ok=False, reason=self._stopped)
        self._failing = 0
        self._start()
        if told is not known:
            one = all(source.one for source in question.sources) and len(question.sources) == 1
            self._shelf.dump(
                question.file, msgspec.json.encode(told.items[0] if one else told.items)
            )
        new = Entry(question.file, stamp, not question.stamp, told.etag, told.address)
        self._journal[question.file] = new
        self._shelf.append("journal.ndjson", msgspec.json.encode(new) + b"\n")
        self._fetching.forget(question)
        return Result(ok=True, load=lambda: self._dumped(question.file))

    def _start(self) -> None:
        """Make room for a new collection; what is gone on with stays as it is."""
        if self._started:
            return
        self._started = True
        if self._known is None or not self._known.is_about(self._state):
            self._shelf.clear_dump()
        for entry in self._journal.values():
            # What is listed anew must not be taken for a part of the new collection meanwhile.
            if entry.listed and entry.stamp != self._state.began:
                self._shelf.undump(entry.file)
        self._shelf.write("state.json", msgspec.json.encode(self._state))

    def _failed(self, failure: Unanswered) -> Result:
        self._failing = 0 if failure.for_good else self._failing + 1
        if failure.status == 401 and self._branch:
            self._stopped = "the host takes the token no longer"
        elif self._failing >= FAILURES_IN_A_ROW:
            self._stopped = f"the host fails again and again: {failure}"
        return Result(ok=False, status=failure.status, reason=str(failure))

    def _dumped(self, name: str) -> list[Any]:
        try:
            told = msgspec.json.decode(self._shelf.dumped(name) or b"")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadFile(
                "is no longer what was written.",
                place=f"{self._shelf.place}/{name}",
                hint="Delete it, then collect again.",
            ) from error
        return told if isinstance(told, list) else [told]

    def _learn(self, question: Question, result: Result) -> None:
        """Remember what `export.json` tells of the repository and of its changes."""
        if question.part == "repository":
            told = result.load()[0]
            name = told.get("full_name") or told.get("path_with_namespace")
            self.repository = str(name or self.repository)
            self._branch = str(told.get("default_branch") or "main")
            self._manifest(dict.fromkeys(self._product.parts, _GOING_ON))
        elif question.part == "changes":
            self._changes = len(result.load())

    def _end(self) -> None:
        if not self._branch:
            if self._stopped:
                return
            raise Unavailable(
                f"the host does not answer: {self._parts['repository'].reason}.",
                place=self._product.url,
                hint="Try again later, or name another address with --url.",
            )
        if not self._stopped:
            for name in self._journal.keys() - self._asked:
                self._shelf.undump(name)
                del self._journal[name]
            lines = [msgspec.json.encode(entry) + b"\n" for entry in self._journal.values()]
            self._shelf.write("journal.ndjson", b"".join(lines))
        self._manifest()
        if not self._stopped:
            finished = msgspec.structs.replace(self._state, finished=True)
            self._shelf.write("state.json", msgspec.json.encode(finished))

    def _missing(self) -> dict[str, str]:
        """Return why each part is missing, as far as it could have been fetched."""
        found = {}
        for name, part in self._parts.items():
            if part.failed:
                count = f"{part.failed} of {part.asked} files: " if part.asked > 1 else ""
                found[name] = f"{count}{part.reason}"
        if self._stopped:
            for name in self._product.parts:
                if name not in self._parts and name not in self._notes:
                    found[name] = self._stopped
        found.update(self._notes)
        return found

    def _manifest(self, missing: dict[str, str] | None = None) -> None:
        told = {**self._untold, **(self._missing() if missing is None else missing)}
        told.update({other: told[part] for part, other in _SAME.items() if part in told})
        export = {
            "schema": "pawl.host/1",
            "product": self._product.name,
            "repository": self.repository,
            "exported_at": self._state.began,
            "complete_since": self._state.since,
            "default_branch": self._branch,
            "missing": told,
        }
        self._shelf.dump("export.json", msgspec.json.encode(export))
