"""Make one request of everything that was told of it.

The same model request is told by block lines, partial lines, resumed and forked sessions,
side questions that replay their parent, a supervised run, and telemetry. Here each becomes an
`Observation`, and all observations of one request become one `Request`, whatever the order
they come in and however often each of them comes.

*Whose request it is.* An observation with a request id belongs to that request: two request ids
are two requests even where they share a message id. An observation that has no request id, or
that stands in a side chain (where replayed history may carry request ids of its own), goes by
its message id first: it belongs to the request that others link to that message id (the
smallest id where they link several), else to the one its own request id names if somebody else
tells of it, else the message id is the request. Without either id it stands for itself.

*Who pays.* Final counts beat partial ones, then the source order of `Source`, then the larger
output, then the earlier time, then fixed tie-breakers, so that the answer never depends on the
order of files. The others confirm; their disagreement is counted, never averaged. A count taken
before the end of a response disagrees with nothing: it is smaller because it is early.

*When and where.* The earliest observation says when; at the same instant an original beats a
copy. Project, developer and the like come from the run if it knows, else telemetry, else the
transcript.

Everything kept of a request is the best and the earliest observation of each source, both under
a total order, so folding is associative, commutative and idempotent.
"""

from collections.abc import Iterable

import msgspec

from pawl.telemetry.event import Source
from pawl.telemetry.observation import SOURCES, Observation
from pawl.telemetry.usage import Usage

_ATTRIBUTING = tuple(
    SOURCES.index(source)
    for source in (Source.RUN, Source.TELEMETRY, Source.TRANSCRIPT, Source.CSV)
)


class Request(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One model request. `usage` is None where only a cost was reported.

    `payer` is the source whose counts are billed, `confirms` the others that told of it and
    `disagrees` those of them whose five buckets differ at the end of the response. Each is a
    pair of source and agent.
    """

    id: str
    time: str
    agent: str
    model: str | None
    usage: Usage | None
    project: str | None
    repo: str | None
    branch: str | None
    developer: str | None
    machine: str | None
    reported_micros: int | None
    payer: tuple[str, str]
    confirms: tuple[tuple[str, str], ...] = ()
    disagrees: tuple[tuple[str, str], ...] = ()


Kept = list[Observation]


class Requests:
    """A fold over observations; feed in any order, any number of times."""

    def __init__(self) -> None:
        self._named: dict[str, Kept] = {}
        """By request id: observations that may speak for it."""
        self._messages: dict[str, Kept] = {}
        """By message id or own id: observations that go by their message first."""
        self._links: dict[str, str] = {}
        """Message id to the smallest request id that the main chain links to it."""
        self._aliases: dict[str, set[str]] = {}
        """Message id to the request ids that side chains gave it."""

    def add(self, observations: Iterable[Observation]) -> None:
        """Fold more observations in."""
        named, links = self._named, self._links
        for seen in observations:
            request, message = seen.request_id, seen.message_id
            if request is not None and not (seen.side and message is not None):
                kept = named.get(request)
                if kept is None:
                    named[request] = [seen]
                else:
                    _keep(kept, seen)
                if message is not None:
                    linked = links.get(message)
                    if linked is None or request < linked:
                        links[message] = request
            else:
                self._add_by_message(seen, request, message)

    def _add_by_message(self, seen: Observation, request: str | None, message: str | None) -> None:
        key = f"\0{seen.id}" if message is None else message
        kept = self._messages.get(key)
        if kept is None:
            self._messages[key] = [seen]
        else:
            _keep(kept, seen)
        if request is not None:
            self._aliases.setdefault(key, set()).add(request)

    def groups(self) -> Iterable[tuple[str, Kept]]:
        """Yield each request's id and the observations kept of it."""
        joined: dict[str, Kept] = {}
        alone: list[tuple[str, Kept]] = []
        for key, kept in self._messages.items():
            target = self._links.get(key)
            if target is None:
                known = [name for name in self._aliases.get(key, ()) if name in self._named]
                target = min(known, default=None)
            if target is None:
                alone.append((key, kept))
            else:
                joined.setdefault(target, []).extend(kept)
        for request, kept in self._named.items():
            more = joined.get(request)
            yield request, kept if more is None else _merged(kept, more)
        yield from alone

    def requests(self) -> list[Request]:
        """Return every request, sorted by id."""
        return sorted((_request(key, kept) for key, kept in self.groups()), key=_by_id)

    def dump(self) -> "Dump":
        """Return all that must be kept to go on folding later."""
        kept = [*self._named.values(), *self._messages.values()]
        return Dump(
            tuple(seen for group in kept for seen in group),
            self._links_not_told(),
            {message: tuple(sorted(names)) for message, names in self._aliases.items()},
        )

    def _links_not_told(self) -> dict[str, str]:
        """Links that the observations kept do not imply, because theirs was displaced."""
        implied: dict[str, str] = {}
        for request, kept in self._named.items():
            for seen in kept:
                if seen.message_id is not None:
                    linked = implied.get(seen.message_id)
                    if linked is None or request < linked:
                        implied[seen.message_id] = request
        return {m: r for m, r in self._links.items() if implied.get(m) != r}

    @classmethod
    def load(cls, dump: "Dump") -> "Requests":
        """Return the fold that `dump` was taken of."""
        fold = cls()
        fold.add(dump.observations)
        for message, request in dump.links.items():
            linked = fold._links.get(message)
            if linked is None or request < linked:
                fold._links[message] = request
        for message, names in dump.aliases.items():
            fold._aliases.setdefault(message, set()).update(names)
        return fold


class Dump(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A fold as a value, small enough to be written down."""

    observations: tuple[Observation, ...] = ()
    links: dict[str, str] = {}
    aliases: dict[str, tuple[str, ...]] = {}


def reconcile(observations: Iterable[Observation]) -> list[Request]:
    """Return one request for each that the observations tell of, sorted by id."""
    fold = Requests()
    fold.add(observations)
    return fold.requests()


# -- orders -------------------------------------------------------------------------------------


def _worth(seen: Observation) -> tuple[object, ...]:
    """Smaller pays first."""
    return (
        seen.input is None,
        not seen.final,
        seen.rank,
        -seen.output,
        seen.time,
        -(seen.input or 0),
        -seen.cache_read,
        -seen.cache_write_5m,
        -seen.cache_write_1h,
        -seen.web_searches,
        -seen.reasoning,
        *_identity(seen),
    )


def _age(seen: Observation) -> tuple[object, ...]:
    """Smaller is earlier; an original beats a copy made at the same instant."""
    return (seen.time, seen.copied, seen.side, *_identity(seen), not seen.final, -seen.output)


def _identity(seen: Observation) -> tuple[object, ...]:
    return (
        seen.agent,
        seen.model or "",
        seen.session_id or "",
        seen.project or seen.cwd or "",
        seen.repo or "",
        seen.branch or "",
        seen.developer or "",
        seen.id,
        -1 if seen.reported_micros is None else seen.reported_micros,
    )


def _keep(kept: Kept, seen: Observation) -> None:
    """Fold one observation into those kept of its request."""
    if len(kept) == 1:
        only = kept[0]
        if (
            only.rank == seen.rank
            and only.agent == seen.agent
            and only.final
            and only.time < seen.time
            and only.output >= seen.output
            and only.input is not None
        ):
            return  # the usual repetition: neither better nor earlier
    same = [old for old in kept if old.rank == seen.rank and old.agent == seen.agent]
    same.append(seen)
    best, first = min(same, key=_worth), min(same, key=_age)
    kept[:] = [old for old in kept if old.rank != seen.rank or old.agent != seen.agent]
    kept.append(best)
    if first is not best:
        kept.append(first)


def _merged(kept: Kept, more: Kept) -> Kept:
    together = list(kept)
    for seen in more:
        _keep(together, seen)
    return together


def _by_id(request: Request) -> str:
    return request.id


def payer_and_first(kept: Kept) -> tuple[Observation, Observation]:
    """Return the observation that is billed, and the one that says when."""
    if len(kept) == 1:
        return kept[0], kept[0]
    return min(kept, key=_worth), min(kept, key=_age)


def _request(key: str, kept: Kept) -> Request:
    payer, first = payer_and_first(kept)
    where = first if len(kept) == 1 else attributed(kept)
    confirms, disagrees = witnesses(kept, payer)
    usage = None
    if payer.input is not None:
        usage = Usage(
            payer.input,
            payer.cache_read,
            payer.cache_write_5m,
            payer.cache_write_1h,
            payer.output,
            payer.reasoning,
            payer.web_searches,
        )
    return Request(
        id=key.removeprefix("\0"),
        time=first.time,
        agent=payer.agent,
        model=payer.model,
        usage=usage,
        project=where.project,
        repo=where.repo,
        branch=where.branch,
        developer=where.developer,
        machine=where.machine,
        reported_micros=payer.reported_micros,
        payer=(SOURCES[payer.rank], payer.agent),
        confirms=confirms,
        disagrees=disagrees,
    )


def attributed(kept: Kept) -> Observation:
    """Return an observation whose attribution fields are the best known of all."""
    ordered = sorted(kept, key=_age)
    ordered.sort(key=lambda seen: _ATTRIBUTING.index(seen.rank))
    found = Observation("", "", 0, "")
    for name in ("project", "repo", "branch", "developer", "machine"):
        for seen in ordered:
            value = getattr(seen, name)
            if value is not None:
                setattr(found, name, value)
                break
    return found


Pairs = tuple[tuple[str, str], ...]


def witnesses(kept: Kept, payer: Observation) -> tuple[Pairs, Pairs]:
    """Return who else told of a request, and which of them tell other tokens in the end."""
    if len(kept) == 1:
        return (), ()
    told: dict[tuple[int, str], Observation] = {}
    for seen in sorted(kept, key=_worth):
        told.setdefault((seen.rank, seen.agent), seen)
    del told[(payer.rank, payer.agent)]
    buckets = _buckets(payer)
    confirms = tuple((str(SOURCES[rank]), agent) for rank, agent in sorted(told))
    disagrees = tuple(
        (str(SOURCES[rank]), agent)
        for (rank, agent), seen in sorted(told.items())
        if seen.final and seen.input is not None and _buckets(seen) != buckets
    )
    return confirms, disagrees


def _buckets(seen: Observation) -> tuple[int | None, int, int, int, int]:
    return (
        seen.input,
        seen.cache_read,
        seen.cache_write_5m,
        seen.cache_write_1h,
        seen.output,
    )
