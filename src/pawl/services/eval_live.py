"""Live trials: so many of each case, more where the gate asks for them, each record kept at once.

What the gate says of the records is not decided here; it is asked how many more trials each case
needs, until it wants none.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from pawl.base import typed
from pawl.base.errors import BadValue, PawlError
from pawl.base.inflating import inflate
from pawl.evals.case import Case
from pawl.evals.grade import Mark, grade, graded_assertions, judged
from pawl.evals.sealing import MAX_BYTES, Sealed, TamperedRecord, open_record
from pawl.evals.shelf import Placed, Shelf, opened, opened_at
from pawl.evals.steering import assets_of
from pawl.runs.record import Outcome
from pawl.services.trial_schedule import Crew, in_order

MAX_ROUNDS = 10
"""Times that the gate is asked for more; it wants no more than two rounds of any case."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one trial that was ordered. Without an address there is no record.

    `problem` is a sentence for what could not be tried at all; `infra` says what broke.
    """

    case: str
    address: str = ""
    path: str = ""
    outcome: Outcome | None = None
    infra: str = ""
    network_denied: bool | None = None
    problem: str = ""

    @property
    def counts(self) -> bool:
        """Whether it says anything of the agent."""
        return bool(self.address) and not self.infra


class TrialsKept(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl eval record`, as `pawl.eval-trials/1` documents it."""

    schema: Literal["pawl.eval-trials/1"] = "pawl.eval-trials/1"
    trials: tuple[Done, ...]


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """One case to be tried, and how one trial of it is run."""

    case: Case
    trial: Callable[[], Sealed]
    put: Callable[[str, Sealed], str]
    """Keeps a record of a case, whole or not at all, and returns its path; raises CannotTell."""


Wanted = Callable[[Sequence[Done]], Mapping[str, int]]
"""Given all trials so far, how many more the gate wants of each case."""
Told = Callable[[int, int, Done], None]
"""Called as each trial ends: how many have ended, of how many, and this one."""


def run_live(
    lots: Sequence[Lot],
    counts: Mapping[str, int],
    crew: Crew,
    *,
    jobs: int,
    wanted: Wanted | None,
    told: Told,
) -> tuple[Done, ...]:
    """Run the trials that are asked for, then those that the gate wants, and return all.

    A case whose last round said nothing of its agent gets no more: what broke would break again.
    """
    done: list[Done] = []
    asked = dict(counts)
    for _ in range(MAX_ROUNDS):
        fresh = _round(lots, asked, crew, jobs, told)
        done += fresh
        if wanted is None:
            break
        tried = {each.case for each in fresh if each.counts}
        asked = {case: n for case, n in wanted(done).items() if n > 0 and case in tried}
        if not asked:
            break
    return tuple(done)


def _round(
    lots: Sequence[Lot], counts: Mapping[str, int], crew: Crew, jobs: int, told: Told
) -> list[Done]:
    """Run one round; every case gets its first trial before any gets its second."""
    most = max(counts.values(), default=0)
    queue = [lot for turn in range(most) for lot in lots if turn < counts.get(lot.case.id, 0)]
    ended = 0

    def tell(number: int, result: bytes | None) -> None:
        nonlocal ended
        ended += 1
        told(ended, len(queue), read_done(queue[number].case.id, result))

    works = [lambda lot=lot: _work(lot) for lot in queue]
    results = in_order(works, crew, jobs, tell)
    return [read_done(lot.case.id, each) for lot, each in zip(queue, results, strict=True)]


def _work(lot: Lot) -> bytes:
    """Run one trial and keep its record; never raises for what is wrong with the trial."""
    try:
        sealed = lot.trial()
        path = lot.put(lot.case.id, sealed)
    except PawlError as error:
        place = f"{error.place}: " if error.place else ""
        told = f"{place}{error.message} {error.hint}".strip()
        return msgspec.json.encode(Done(case=lot.case.id, problem=told))
    return msgspec.json.encode(done_of(sealed, path))


def done_of(sealed: Sealed, path: str) -> Done:
    """Return what a kept record says of its trial."""
    manifest = open_record(sealed.data, sealed.address).manifest
    return Done(
        case=manifest.case,
        address=sealed.address,
        path=path,
        outcome=manifest.ending.outcome,
        infra=manifest.ending.infra,
        network_denied=manifest.sandbox.network_denied,
    )


def skipped_of(done: Sequence[Done]) -> dict[str, int]:
    """Return how many trials of each case left no record."""
    return dict(Counter(each.case for each in done if not each.address))


def lacking(shelf: Shelf, placed: Placed) -> int:
    """Return how many fresh records a case's pool lacks, whichever agent they are of."""
    assets = assets_of(placed.case, shelf.files, placed.folder)
    fresh = 0
    for file in shelf.records(placed.case.id):
        try:
            trial = opened_at(shelf, file)
        except TamperedRecord:
            continue  # Grading tells of it; it proves nothing.
        fresh += grade(placed.case, trial, assets).outcome in (Mark.PASS, Mark.FAIL)
    return max(0, placed.case.trials.pool - fresh)


def passing_record(shelf: Shelf, placed: Placed, address: str) -> Sealed:
    """Return a kept record that the case passes, by its address or the beginning of it.

    Raises BadValue where there is none, or several, or it does not pass.
    """
    case = placed.case
    found = [
        each for each in shelf.records(case.id) if address and each.address.startswith(address)
    ]
    if len(found) != 1:
        raise BadValue(
            f"{'several records begin' if found else 'no record begins'} with {address[:64]!r}.",
            place=case.id,
            hint="Give the address of one kept record; see `pawl eval list`.",
        )
    packed = shelf.packed(found[0])
    trial = opened(packed, found[0])
    mark, why = judged(case, trial, graded_assertions(case, trial))
    if mark is not Mark.PASS:
        raise BadValue(
            f"the record is graded {mark.value}: {why}",
            place=f"{case.id}: {address[:12]}",
            hint="An oracle must pass. Record more trials, or mend the case.",
        )
    data = inflate(packed, MAX_BYTES)
    assert data is not None  # It was opened just now.
    return Sealed(found[0].address, data)


def read_done(case: str, result: bytes | None) -> Done:
    """Return what a worker handed back; one that broke left no record."""
    if not result:
        return Done(case=case, problem="The process that ran the trial broke off.")
    try:
        return typed.decode(result, type=Done)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Done(case=case, problem=f"The trial's process told nonsense: {error}.")
