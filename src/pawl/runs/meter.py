"""Count what a run uses while it runs: tokens and our own dollars, each request once.

The same request is told many times: by the stream when it starts and when it ends, by one line
per content block, by the transcript. Whose fact it is and which one pays follows the rule of
`pawl.telemetry.reconcile` (request id first, else the request that the message id is linked to;
final before partial, then the more trusted source, then the larger output), kept here as
running sums: a test compares the two. A request still being answered counts what is known so
far, and grows.

The agent's own totals (`Kind.TOTAL`, of this run alone) never add to requests. They only
account for requests nobody saw, such as a compaction call: `unseen usage = the agent's own
total - requests seen`, for each model, never below zero, and over all models never more than
the whole difference, so that a model known by two names is not paid twice.
"""

from collections.abc import Callable
from itertools import starmap

import msgspec

from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import ZERO, Usage

Price = Callable[[str, Usage, str], int | None]
"""(model, usage of one request, ISO day) -> micro-USD, or None when the model has no price."""

MAX_REQUESTS = 100_000
"""Requests told apart in one run; later ones are counted as told, without being matched."""

_RANK = {source: rank for rank, source in enumerate(Source)}
_SYNTHETIC = "<synthetic>"


class Metered(msgspec.Struct, frozen=True, kw_only=True):
    """What a run used. `micros` is the money of priced usage alone, in micro-USD.

    `unpriced` are the models without a price that used tokens, in order of appearance. `known`
    is False while nobody told of any usage: then the zeros mean *unknown*.
    """

    requests: int = 0
    usage: Usage = ZERO
    micros: int = 0
    models: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()
    known: bool = False


class _Told(msgspec.Struct, gc=False):
    """What one fact tells of a request, and what it costs if this fact pays."""

    worth: tuple[object, ...]
    model: str
    usage: Usage
    micros: int | None


class _Group:
    """The facts of one id: its own best, and the message groups that belong to it."""

    __slots__ = ("attached", "best", "counted")

    def __init__(self) -> None:
        self.best: _Told | None = None
        self.attached: set[str] = set()
        self.counted: _Told | None = None
        """The fact that is in the sums for this group now."""


class Meter:
    """A fold over events that tells of requests; deterministic, in any order of sources."""

    def __init__(self, price: Price) -> None:
        self._price = price
        self._named: dict[str, _Group] = {}
        self._messages: dict[str, _Group] = {}
        self._links: dict[str, str] = {}
        """Message id to the smallest request id told with it."""
        self._aliases: dict[str, set[str]] = {}
        """Message id to the request ids that side chains told with it, and may not have named."""
        self._waiting: dict[str, set[str]] = {}
        """Request id to the messages in whose aliases it stands."""
        self._sums: dict[str, Usage] = {}
        self._micros: dict[str, int] = {}
        self._unpriced: dict[str, int] = {}
        self._requests = 0
        self._totals: dict[str, tuple[Usage, str]] = {}

    def see(self, event: Event) -> bool:
        """Take one event; return whether it told of usage."""
        if event.kind is Kind.TOTAL:
            return self._see_total(event)
        usage = event.usage
        if event.kind is not Kind.REQUEST or usage is None or event.model == _SYNTHETIC:
            return False
        model = event.model or ""
        micros = self._price(model, usage, event.time[:10])
        told = _Told(_worth(event, usage), model, usage, micros)
        side = event.attributes.get("sidechain") == "true"
        if event.request_id and not (side and event.message_id):
            self._tell_request(told, event.request_id, event.message_id)
        else:
            self._tell_message(told, event.message_id or f"\0{event.id}", event.request_id)
        return True

    def metered(self) -> Metered:
        """Return the counts so far, the agent's own total of unseen requests included."""
        usage = sum(self._sums.values(), ZERO)
        micros = sum(self._micros.values())
        unpriced = [model for model, count in self._unpriced.items() if count]
        for model, unseen, day in self._unseen():
            usage += unseen
            price = self._price(model, unseen, day)
            micros += price or 0
            if price is None and model not in unpriced:
                unpriced.append(model)
        return Metered(
            requests=self._requests,
            usage=usage,
            micros=micros,
            models=tuple(dict.fromkeys([*filter(None, self._sums), *filter(None, self._totals)])),
            unpriced=tuple(unpriced),
            known=bool(self._requests or self._totals),
        )

    def _unseen(self) -> list[tuple[str, Usage, str]]:
        """Return (model, usage, day) that the agent tells of beyond the requests seen."""
        if not self._totals:
            return []
        told = sum((usage for usage, _ in self._totals.values()), ZERO)
        left = _excess(told, sum(self._sums.values(), ZERO))
        seen: dict[str, Usage] = {}
        for model, usage in self._sums.items():
            name = plain_model(model)
            seen[name] = seen.get(name, ZERO) + usage
        found = []
        for model, (usage, day) in sorted(self._totals.items()):
            part = _least(_excess(usage, seen.get(plain_model(model), ZERO)), left)
            if part.total or part.web_searches:
                left = _excess(left, part)
                found.append((model, part, day))
        return found

    def _see_total(self, event: Event) -> bool:
        usage = event.usage
        if usage is None:
            return False
        # A product that does not name the model of its total means the one it talked to.
        model = event.model or next(reversed(self._sums), "")
        self._totals.pop("", None)
        self._totals[model] = (usage, event.time[:10])
        return True

    def _tell_request(self, told: _Told, request: str, message: str | None) -> None:
        group = self._named.get(request)
        if group is None:
            group = _Group()
            if len(self._named) < MAX_REQUESTS:
                waiting = self._waiting.pop(request, set())
                self._move(waiting, lambda: self._named.__setitem__(request, group))
        if group.best is None or told.worth < group.best.worth:
            group.best = told
        if message and (message not in self._links or request < self._links[message]):
            self._move({message}, lambda: self._links.__setitem__(message, request))
        self._recount(group)

    def _tell_message(self, told: _Told, message: str, request: str | None) -> None:
        group = self._messages.get(message)
        if group is None:
            group = _Group()
            if len(self._messages) < MAX_REQUESTS:
                self._messages[message] = group
        if group.best is None or told.worth < group.best.worth:
            group.best = told
        if request:
            names = self._aliases.setdefault(message, set())
            self._move({message}, lambda: names.add(request))
            if request not in self._named:
                self._waiting.setdefault(request, set()).add(message)
        self._settle(message, group)

    def _target(self, message: str) -> str | None:
        """Return the request a message belongs to; None when the message is the request."""
        linked = self._links.get(message)
        if linked is not None:
            return linked if linked in self._named else None
        known = [name for name in self._aliases.get(message, ()) if name in self._named]
        return min(known, default=None)

    def _move(self, messages: set[str], change: Callable[[], None]) -> None:
        """Change where messages belong, taking what was told of them along."""
        before = {message: self._target(message) for message in messages}
        change()
        for message, old in before.items():
            group = self._messages.get(message)
            if group is None:
                continue
            if old is not None:
                self._named[old].attached.discard(message)
                self._recount(self._named[old])
            self._settle(message, group)

    def _settle(self, message: str, group: _Group) -> None:
        target = self._target(message)
        if target is None:
            self._recount(group)
            return
        self._count_instead(group, None)
        self._named[target].attached.add(message)
        self._recount(self._named[target])

    def _recount(self, group: _Group) -> None:
        """Let the best fact of a group, and of the messages attached to it, pay."""
        best = group.best
        for message in group.attached:
            other = self._messages[message].best
            if other is not None and (best is None or other.worth < best.worth):
                best = other
        self._count_instead(group, best)

    def _count_instead(self, group: _Group, told: _Told | None) -> None:
        if group.counted is told:
            return
        if group.counted is not None:
            self._add(group.counted, -1)
        if told is not None:
            self._add(told, 1)
        group.counted = told

    def _add(self, told: _Told, sign: int) -> None:
        model = told.model
        before = self._sums.get(model, ZERO)
        self._requests += sign
        self._sums[model] = before + told.usage if sign > 0 else before - told.usage
        self._micros[model] = self._micros.get(model, 0) + sign * (told.micros or 0)
        if told.micros is None and told.usage != ZERO:
            self._unpriced[model] = self._unpriced.get(model, 0) + sign


def _worth(event: Event, usage: Usage) -> tuple[object, ...]:
    """Smaller pays first; the order of `telemetry.reconcile` as far as counts go."""
    return (
        event.final is False,
        _RANK[event.source],
        -usage.output,
        event.time,
        -usage.input,
        -usage.cache_read,
        -usage.cache_write_5m,
        -usage.cache_write_1h,
        -usage.web_searches,
        -usage.reasoning,
    )


def plain_model(model: str) -> str:
    """Return a model's name without the bracketed variant some products add (`name[1m]`)."""
    return model.partition("[")[0]


def _excess(total: Usage, part: Usage) -> Usage:
    pairs = zip(msgspec.structs.astuple(total), msgspec.structs.astuple(part), strict=True)
    return Usage(*(max(0, a - b) for a, b in pairs))


def _least(one: Usage, other: Usage) -> Usage:
    pairs = zip(msgspec.structs.astuple(one), msgspec.structs.astuple(other), strict=True)
    return Usage(*starmap(min, pairs))
