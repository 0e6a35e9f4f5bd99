"""Make events of one group of records: what they share, and what each of them needs.

A `Teller` knows the sender, whose work the resource says it is, and our clock. Texts are cut to
a bound, and what is long enough to be content is never copied: only what the sender's table
lists is kept, so a prompt or a tool's output has no way into an event. Where somebody asked for
contents they are gathered beside it.
"""

from hashlib import blake2b
from typing import Any

import msgspec

from pawl.base.redaction import redact
from pawl.telemetry.content import Gathered
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.otlp.bounds import Bounds
from pawl.telemetry.otlp.clock import Clock
from pawl.telemetry.otlp.lean import Attributes, Log, Span
from pawl.telemetry.otlp.naming import Names, inverted, pick, resource
from pawl.telemetry.otlp.sender import Sender

_ID_BYTES = 12


class Fact(msgspec.Struct, gc=False):
    """One record on its way to its events.

    `kept` are the attributes of all of them. `span` says that a span told it, `failed` that the
    record itself says so, where it does.
    """

    id: str
    time: str
    attributes: Attributes
    kept: dict[str, str]
    session: str | None
    duration_ms: int | None
    span: bool = False
    failed: bool | None = None
    ended: str = ""
    place: str | None = None
    """The trace and span that a record belongs to, where it names both."""


class Teller:
    """Makes the events of one group; `events` is where they go."""

    def __init__(
        self,
        sender: Sender,
        shared: Attributes,
        clock: Clock,
        bounds: Bounds,
        events: list[Event],
    ) -> None:
        self.names: Names = sender.names()
        self.clock = clock
        self.events = events
        self.agent = sender.agent or self._service(shared, bounds)
        self.limit = bounds.text
        self._message = bounds.message
        self._keep = inverted(self.names.keep)
        self._sizes = inverted(self.names.sizes)
        self._whose: dict[str, Any] = {
            name: told
            for name, spellings in resource().fields.items()
            if (told := text(pick(shared, spellings), bounds.text)) is not None
        }
        # A record's own word goes before the resource's, but for whose work it is.
        self._told = [
            (name, spellings)
            for name in ("developer", "agent_version", "provider", "branch", "commit")
            if (spellings := getattr(self.names.fields, name))
            and not (name == "developer" and self._whose.get("developer") is not None)
        ]
        if not self.names.service_version:
            self._whose.pop("agent_version", None)
        self.session: str | None = self._whose.pop("session_id", None)
        self._shared = {
            ours: told
            for ours, spellings in resource().keep.items()
            if (told := text(pick(shared, spellings), bounds.text)) is not None
        }
        self.series_seed = repr(sorted(shared.items(), key=_by_key))

    @staticmethod
    def _service(shared: Attributes, bounds: Bounds) -> str:
        return text(shared.get("service.name"), bounds.text) or "unknown"

    # -- records ---------------------------------------------------------------------------------

    def log(self, log: Log, name: str) -> Fact:
        """Return the fact of a log record whose event's name is known."""
        attributes, fields = log.attributes, self.names.fields
        session = text(pick(attributes, fields.session_id), self.limit) or self.session
        when = log.time or log.observed
        time, claimed = self.clock.judge(when)
        kept = self.kept(attributes)
        if claimed is not None:
            kept["claimed_time"] = claimed
        sequence = pick(attributes, fields.sequence)
        if sequence is not None and session is not None:
            identity = f"{session}\0{sequence}\0{when}\0{name}"
        else:
            identity = f"{when}\0{name}\0{log.span_id}\0{attributes!r}"
        return Fact(
            _digest(identity),
            time,
            attributes,
            kept,
            session,
            milliseconds(pick(attributes, fields.duration_ms)),
            False,
            None,
            time,
            f"{log.trace_id}:{log.span_id}" if log.trace_id and log.span_id else None,
        )

    def span(self, span: Span) -> Fact:
        """Return the fact of a span."""
        attributes = span.attributes
        session = text(pick(attributes, self.names.fields.session_id), self.limit)
        time, claimed = self.clock.judge(span.start)
        kept = self.kept(attributes)
        if claimed is not None:
            kept["claimed_time"] = claimed
        lasted = span.end - span.start if span.end and span.start else -1
        if span.trace_id and span.span_id:
            identity = f"{span.trace_id}\0{span.span_id}"
            place = f"{span.trace_id}:{span.span_id}"
        else:
            identity, place = f"{span.start}\0{span.name}\0{attributes!r}", None
        return Fact(
            _digest(identity),
            time,
            attributes,
            kept,
            session or self.session,
            (lasted + 500_000) // 1_000_000 if lasted >= 0 else None,
            True,
            span.failed,
            self.clock.judge(span.end)[0] if lasted >= 0 else time,
            place,
        )

    def kept(self, attributes: Attributes) -> dict[str, str]:
        """Return what of a record's attributes goes into its events."""
        keep, limit = self._keep, self.limit
        found = self._shared.copy()
        for name, value in attributes.items():
            ours = keep.get(name)
            if ours is None:
                continue
            if type(value) is str and 0 < len(value) <= limit and value.isascii():
                found[ours] = value  # Most are; the call costs more than the look.
            elif (told := text(value, limit)) is not None:
                found[ours] = told
        for name, ours in self._sizes.items():
            value = attributes.get(name)
            if isinstance(value, str | bytes):
                found[ours] = str(len(value))
        return found

    # -- events ----------------------------------------------------------------------------------

    def tell(
        self,
        fact: Fact,
        kind: Kind,
        part: str,
        *,
        time: str | None = None,
        duration_ms: int | None = None,
        more: dict[str, str] | None = None,
        **fields: Any,
    ) -> None:
        """Add an event of a fact; `part` tells it from the fact's other events."""
        attributes, limit = fact.attributes, self.limit
        fields = self._whose | fields
        for name, spellings in self._told:
            value = pick(attributes, spellings)
            if value is not None and (told := text(value, limit)) is not None:
                fields[name] = self.word(name, told)
        self.events.append(
            Event(
                id=f"{fact.id}.{part}",
                time=time or fact.time,
                kind=kind,
                source=Source.TELEMETRY,
                agent=self.agent,
                session_id=fact.session,
                duration_ms=duration_ms,
                attributes=fact.kept if more is None else fact.kept | more,
                **fields,
            )
        )

    def gather(self, attributes: Attributes, events: list[Event], gathered: Gathered) -> None:
        """Add the texts of a record that made these events."""
        for role, spellings in self.names.contents.items():
            value = pick(attributes, spellings)
            if value is not None:
                gathered.add_to_one_of(events, role, value)

    def model(self, attributes: Attributes) -> str | None:
        """Return the model, with its speed where that is priced apart."""
        fields = self.names.fields
        model = text(pick(attributes, fields.model), self.limit)
        if model is None or not fields.speed:
            return model
        speed = text(pick(attributes, fields.speed), self.limit)
        speed = None if speed is None else self.word("speed", speed)
        return f"{model}-{speed}" if speed else model

    def word(self, field: str, told: str) -> str:
        """Return our word for a sender's, or the sender's own."""
        words = self.names.values.get(field)
        return told if words is None else words.get(told, told)

    def message(self, value: Any) -> str | None:
        """Return an error message, cut and without what looks like a secret."""
        if not isinstance(value, str) or not value:
            return None
        # Twice as much is looked at, so that a secret is not cut into what no longer looks it.
        return text(redact(value[: self._message * 2])[: self._message], self._message)


def text(value: Any, limit: int) -> str | None:
    """Return a short text, number or truth value as text; None for anything else.

    What is longer than `limit` is cut, with a digest of all of it in the end, so that two long
    ids stay two. Lone surrogates become `?`.
    """
    kind = type(value)
    if kind is str:
        if not value:
            return None
        if len(value) > limit:
            whole = blake2b(value.encode("utf-8", "backslashreplace"), digest_size=8)
            value = f"{value[: limit - 17]}~{whole.hexdigest()}"
        if value.isascii():
            return str(value)
        return str(value.encode("utf-8", "replace").decode())
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    return repr(value) if kind is float else None


def milliseconds(value: Any) -> int | None:
    """Return a duration that can be true; a negative one is a clock's fault and unknown."""
    if type(value) is str:
        try:
            value = float(value)
        except ValueError:
            return None
    if type(value) is float and 0 <= value < 1e15:
        value = round(value)
    return value if type(value) is int and 0 <= value < 1_000_000_000_000_000 else None


def _digest(identity: str) -> str:
    told = identity.encode("utf-8", "backslashreplace")
    return blake2b(told, digest_size=_ID_BYTES).hexdigest()


def _by_key(item: tuple[str, Any]) -> str:
    return item[0]
