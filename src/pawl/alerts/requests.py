"""Count each model request once, whoever tells of it and however often.

A short cut through the rules of `pawl.telemetry.reconcile` that answers at once and forgets: of
one request the best telling pays (priced before unpriced, final before partial, then the order
of `Source`, then the larger output), the earliest says when, and project, session and run come from
the run if it knows, else telemetry, else the transcript. Each telling returns what had been counted
of the request and what counts now, so that sums can be put right instead of added to.

A bounded number of requests is remembered. The hours forgotten are the oldest, and a request from
before them is passed over rather than counted twice.
"""

from collections.abc import Callable

import msgspec

from pawl.alerts.instants import HOUR_S
from pawl.alerts.rule import Counted
from pawl.telemetry.event import Event, Source
from pawl.telemetry.usage import Usage

Price = Callable[[str, Usage, str], int | None]
"""Model, tokens and ISO day to micro-USD; None when it knows no price."""

REMEMBERED = 50_000
_TRUST = {Source.TRANSCRIPT: 0, Source.RUN: 1, Source.TELEMETRY: 2, Source.CSV: 3}
_ATTRIBUTES = {Source.RUN: 0, Source.TELEMETRY: 1, Source.TRANSCRIPT: 2, Source.CSV: 3}
_REFUSALS = ("refusal", "content_filter", "safety")
SYNTHETIC = "<synthetic>"
"""The model of messages that an agent wrote itself."""

_Worth = tuple[bool, bool, bool, int, int, str, str]


class _Entry(msgspec.Struct, gc=False):
    counted: Counted
    worth: _Worth
    first: tuple[float, str]
    rank: int


class Requests:
    """A fold over request events. `passed_over` counts tellings of hours that were forgotten."""

    def __init__(self, price: Price | None = None, remembered: int = REMEMBERED) -> None:
        self._price = price
        self._most = remembered
        self._entries: dict[str, _Entry] = {}
        self._links: dict[str, str] = {}
        self._hours: dict[int, list[str]] = {}
        self._forgotten_to = float("-inf")
        self.passed_over = 0

    def tell(self, event: Event, at: float) -> tuple[Counted | None, Counted] | None:
        """Take one telling; return the request before and after it, or None: nothing changed."""
        key = self._key(event)
        entry = self._entries.get(key)
        if entry is None:
            if at < self._forgotten_to:
                self.passed_over += 1
                return None
            counted = self._counted(event, key, at)
            rank = _ATTRIBUTES[event.source]
            self._entries[key] = _Entry(counted, _worth(event, counted), (at, event.id), rank)
            self._hours.setdefault(int(at // HOUR_S), []).append(key)
            if len(self._entries) > self._most:
                self._forget()
            return None, counted
        before = entry.counted
        after = self._merged(entry, event, key, at)
        if after == before:
            return None
        entry.counted = after
        return before, after

    def _key(self, event: Event) -> str:
        request, message = event.request_id, event.message_id
        if request is None:
            if message is None:
                return event.id
            return self._links.get(message, message)
        if message is None:
            return request
        if event.attributes.get("sidechain") == "true":
            return self._links.get(message, message if message in self._entries else request)
        if message not in self._links:
            if message in self._entries:
                # It was counted by its message before its request was known.
                return message
            self._links[message] = request
            if len(self._links) > 2 * self._most:
                del self._links[next(iter(self._links))]
        return request

    def _counted(self, event: Event, key: str, at: float) -> Counted:
        prompt = event.input
        if prompt is not None:
            prompt += (event.cache_read or 0) + (event.cache_write_5m or 0)
            prompt += event.cache_write_1h or 0
        attributes = event.attributes
        side = refused = False
        if attributes:
            side = attributes.get("sidechain") == "true"
            refused = is_refusal(attributes.get("stop_reason"))
        return Counted(
            key,
            at,
            event.id,
            event.agent,
            event.model,
            event.project,
            event.session_id,
            event.run_id,
            self._micros(event),
            prompt,
            event.duration_ms,
            side,
            refused,
        )

    def _micros(self, event: Event) -> int | None:
        if event.cost_micros is not None:
            return event.cost_micros
        if self._price is not None and event.model is not None:
            usage = event.usage
            if usage is not None:
                micros = self._price(event.model, usage, event.time[:10])
                if micros is not None:
                    return micros
        return event.reported_micros

    def _merged(self, entry: _Entry, event: Event, key: str, at: float) -> Counted:
        known, told = entry.counted, self._counted(event, key, at)
        worth = _worth(event, told)
        payer = known
        if worth < entry.worth:
            payer, entry.worth = told, worth
        entry.first = min(entry.first, (at, event.id))
        owner, other, rank = known, told, _ATTRIBUTES[event.source]
        if rank < entry.rank:
            owner, other, entry.rank = told, known, rank
        return Counted(
            key,
            entry.first[0],
            entry.first[1],
            payer.agent,
            payer.model or known.model or told.model,
            owner.project or other.project,
            owner.session or other.session,
            owner.run or other.run,
            payer.micros,
            payer.prompt if payer.prompt is not None else _larger(known.prompt, told.prompt),
            _larger(known.duration_ms, told.duration_ms),
            payer.side,
            known.refused or told.refused,
        )

    def _forget(self) -> None:
        hour = min(self._hours)
        for key in self._hours.pop(hour):
            self._entries.pop(key, None)
        self._forgotten_to = max(self._forgotten_to, (hour + 1) * HOUR_S)


def is_refusal(reason: str | None) -> bool:
    """Say whether a reason to stop, or an error, means that the model would not answer."""
    return reason is not None and any(word in reason.lower() for word in _REFUSALS)


def _worth(event: Event, counted: Counted) -> _Worth:
    """Smaller pays first."""
    return (
        counted.micros is None,
        event.input is None,
        event.final is False,
        _TRUST[event.source],
        -(event.output or 0),
        event.time,
        event.id,
    )


def _larger(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
