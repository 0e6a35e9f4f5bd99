"""One subject's evidence at one time, put in order for judging.

What was first seen after that time is left out, so that an assessment can be made again for any
earlier time. Order and batches of what is handed in do not matter. Of each stream (one probe,
one collector, the same kinds of source) the newest answer stands for it; an older one only shows
whether the newest is needed.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from pawl.base.finding import Outcome
from pawl.base.times import parse_time
from pawl.maturity.evidence import Kind, Record
from pawl.maturity.verdict import Hit

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_END_OF_TIME = 253_402_300_799 * 1_000_000
"""The last second of the year 9999, in microseconds since the epoch."""
# Looked up once: members of an enumeration are slow to reach, and there are many records.
_PASS, _FAIL, _ERROR, _CANNOT_TELL = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.CANNOT_TELL,
)
_CREDIT = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})


class FreshnessEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that ends the freshness of what was seen before it.

    The governed object changed, its owner left, an incident hit the subject. `probes` are those
    whose answers it ends, all when empty. `name` is what an exemption's `reopen_on` may list.
    """

    name: str
    at: str
    reason: str
    probes: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A record with its first sight in microseconds since the epoch."""

    record: Record
    at: int


class Sight(msgspec.Struct, frozen=True, gc=False):
    """What one probe has said, ready for judging.

    `heads` are the newest answers of its streams, newest first. `conclusive` holds every yes, no
    and not applicable, `errors` and `blanks` (*cannot tell*) what is neither; all newest first.
    """

    heads: tuple[Seen, ...] = ()
    conclusive: tuple[Seen, ...] = ()
    errors: tuple[Seen, ...] = ()
    blanks: tuple[Seen, ...] = ()

    @property
    def error(self) -> Seen | None:
        """The newest error where nothing is newer."""
        return self.errors[0] if self.errors and self._is_newest(self.errors[0]) else None

    def _is_newest(self, error: Seen) -> bool:
        others = (*self.conclusive[:1], *self.blanks[:1])
        return all(error.at >= other.at for other in others)


class Dossier:
    """One subject's records, integrity hits and freshness events, as of one time.

    `hits` and `events` stand in a fixed order. `later` counts records that were left out because
    they were first seen after that time.
    """

    def __init__(
        self,
        subject: str,
        now: str,
        records: Iterable[Record],
        *,
        hits: Iterable[Hit] = (),
        events: Iterable[FreshnessEvent] = (),
    ) -> None:
        self.subject = subject
        self.now = now
        self._micros: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self.now_us = self.micros(now)
        self.records: dict[str, Record] = {}
        self.later = 0
        by_probe: dict[str, list[Seen]] = {}
        for record in records:
            if record.subject != subject or record.id in self.records:
                continue
            if not record.id:
                raise ValueError("a record without id was not sealed")
            at = self.micros(record.observed_at)
            if at > self.now_us:
                self.later += 1
                continue
            self.records[record.id] = record
            by_probe.setdefault(record.probe, []).append(Seen(record, at))
        self._by_probe = by_probe
        self._sights: dict[str, Sight] = {}
        self.hits = tuple(sorted(hits, key=_hit_order))
        self.events = self._by_event_time(events)

    def sight(self, probe: str) -> Sight:
        """Return what a probe has said, whatever integrity hits say about it."""
        found = self._sights.get(probe)
        if found is None:
            found = self._sights[probe] = _sight(self._by_probe.get(probe, ()))
        return found

    def sight_without(self, probe: str, excluding: Iterable[Hit]) -> Sight:
        """Return what a probe has said without the credit that these hits exclude.

        A hit that names records of this subject is about those; else about all of the probe's.
        An answer of no stays in any case: a hit only removes credit.
        """
        kept = list(self._by_probe.get(probe, ()))
        for hit in excluding:
            named = {each for each in hit.evidence if each in self.records}
            kept = [
                seen
                for seen in kept
                if seen.record.outcome not in _CREDIT or (named and seen.record.id not in named)
            ]
        return _sight(kept)

    def hits_on(self, criterion: str, probe: str) -> tuple[Hit, ...]:
        """Return the hits that concern a probe's evidence in a criterion, notes left out."""
        return tuple(
            hit
            for hit in self.hits
            if hit.action != "note"
            and (hit.probes or hit.criteria)
            and (not hit.probes or probe in hit.probes)
            and (not hit.criteria or criterion in hit.criteria)
        )

    def ended_by(self, seen: Seen) -> FreshnessEvent | None:
        """Return the first event since first sight that ended this record's freshness."""
        for at, event in self.events:
            if seen.at < at and (not event.probes or seen.record.probe in event.probes):
                return event
        return None

    def micros(self, text: str) -> int:
        """Return a canonical time in microseconds since the epoch."""
        found = self._micros.get(text)
        if found is None:
            found = self._micros[text] = (parse_time(text) - _EPOCH) // _MICROSECOND
        return found

    def text(self, micros: int) -> str:
        """Return microseconds since the epoch as a canonical time, of year 9999 at most."""
        found = self._texts.get(micros)
        if found is None:
            known = min(micros, _END_OF_TIME)
            moment = (_EPOCH + timedelta(microseconds=known)).replace(tzinfo=None)
            found = self._texts[micros] = f"{moment.isoformat(timespec='microseconds')}Z"
        return found

    def _by_event_time(
        self, events: Iterable[FreshnessEvent]
    ) -> tuple[tuple[int, FreshnessEvent], ...]:
        dated = [(self.micros(event.at), event) for event in events]
        past = [(at, event) for at, event in dated if at <= self.now_us]
        return tuple(sorted(past, key=lambda pair: (pair[0], pair[1].name, pair[1].reason)))


def _hit_order(hit: Hit) -> tuple[str, bytes]:
    return hit.detector, msgspec.json.encode(hit)


def _sight(found: Iterable[Seen]) -> Sight:
    """Sort one probe's records into streams, newest first."""
    newest_first = sorted(found, key=_age_order, reverse=True)
    errors: list[Seen] = []
    blanks: list[Seen] = []
    conclusive: list[Seen] = []
    # Compared by identity and in a short list: an enumeration's members are slow to hash.
    for seen in newest_first:
        outcome = seen.record.outcome
        if outcome is _CANNOT_TELL:
            blanks.append(seen)
        elif outcome is _ERROR:
            errors.append(seen)
        else:
            conclusive.append(seen)
    return Sight(
        heads=_heads(conclusive),
        conclusive=tuple(conclusive),
        errors=tuple(errors),
        blanks=tuple(blanks),
    )


def _heads(conclusive: Sequence[Seen]) -> tuple[Seen, ...]:
    """Return the newest answer of each stream, out of answers that stand newest first."""
    heads: list[Seen] = []
    for seen in conclusive:
        collector, kinds = seen.record.collector, seen.record.kinds
        for head in heads:
            if head.record.collector == collector and _covers(head.record.kinds, kinds):
                break
        else:
            heads.append(seen)
    return tuple(heads)


def _covers(later: tuple[Kind, ...], earlier: tuple[Kind, ...]) -> bool:
    """Say whether a later answer looked at every kind of source that an earlier one rests on.

    A gate that CI runs since today answers from the tree and from CI; it does not contest
    yesterday's answer, from the tree alone, that there was none. An answer from fewer kinds leaves
    the earlier one standing beside it: sharing one kind would not do, since what shares with its
    neighbours need not share with theirs, and one more yes could bring an old no back.
    """
    return later == earlier or all(kind in later for kind in earlier)


def without(sight: Sight, record_id: str) -> Sight:
    """Return what a probe would say had one record never been seen.

    Worked out anew: where a later answer stood for several streams, each of them has one again.
    """
    conclusive = tuple([seen for seen in sight.conclusive if seen.record.id != record_id])
    return Sight(
        heads=_heads(conclusive),
        conclusive=conclusive,
        errors=tuple(seen for seen in sight.errors if seen.record.id != record_id),
        blanks=sight.blanks,
    )


def _age_order(seen: Seen) -> tuple[int, int, str]:
    """Order by first sight; of one moment a no counts as the newest, then by id."""
    record = seen.record
    outcome = record.outcome
    rank = 2 if outcome is _FAIL else 1 if outcome is _PASS else 0
    return seen.at, rank, record.id
