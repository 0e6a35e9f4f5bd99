"""Which records of a case are judged, against which baseline, on what: the gate's lines.

A line is one case on one key (product, version, model, sandbox). Lines are made for each key that
has a baseline and each that has a fresh record; a key whose version a blessing replaced is left
out, except where a guard was violated on it.

What counts is every fresh record: nobody picks among them, so that a failure is not repeated until
it passes. Where there are at least as many trials outside the baseline's pool as a case needs,
these are compared with the pool. With fewer, all fresh ones are, the pool's own among them: right
after a blessing nothing is new, and what was blessed is what is there. A guard has no pool to be
compared with, so all its fresh records count.

Pure: records as they were judged, baselines and digests in, lines out; order does not matter.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pawl.evals.baseline import Baseline, Key, key_of
from pawl.evals.case import Case, Trials
from pawl.evals.counts import CaseClass, CaseCounts, Plan, Quarantine, Tally
from pawl.evals.gate_policy import GatePolicy
from pawl.evals.grade import Mark, changed_since
from pawl.evals.record import Manifest

_DEFAULT = Trials()


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A record as the case of today judges it, leaving aside what has changed since."""

    address: str
    manifest: Manifest
    mark: Mark
    why: str


class CaseNow(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is now, with its digests and those of what steers its agent."""

    case: Case
    case_digest: str
    stimulus: str
    assets: Mapping[str, str]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One case on one key, with all records that say something of it.

    `fresh` are those that count, newest last; `decided` are all fresh ones that passed or failed,
    and `cannot_tell` those that did neither. `changed`
    tells what made the stale ones stale, the most common first. `pooled` says that the baseline's
    own records are among the fresh. `notes` are sentences about the baseline.
    """

    case: Case
    key: Key | None
    counts: CaseCounts
    fresh: tuple[Seen, ...] = ()
    decided: tuple[Seen, ...] = ()
    cannot_tell: tuple[Seen, ...] = ()
    infra: tuple[Seen, ...] = ()
    stale: int = 0
    changed: tuple[str, ...] = ()
    pooled: bool = False
    baseline: Baseline | None = None
    notes: tuple[str, ...] = ()


class _Split(msgspec.Struct):
    """The records of one key."""

    fresh: list[Seen] = msgspec.field(default_factory=list)
    stale: list[Seen] = msgspec.field(default_factory=list)
    changed: dict[str, int] = msgspec.field(default_factory=dict)


def lines_of(
    now: CaseNow,
    seen: Iterable[Seen],
    baselines: Iterable[Baseline],
    policy: GatePolicy,
    *,
    quarantine: Quarantine | None = None,
    skipped: int = 0,
    only: frozenset[Key] | None = None,
) -> tuple[Line, ...]:
    """Return the lines of one case, by key; one without a key where no record is fresh.

    `only` narrows down which keys are judged, such as to the one that was just run. Raises
    BadValue for more trials than the gate takes.
    """
    # A record has one address, and counts once however often it is handed in.
    known = {each.address: each for each in seen}
    split: dict[Key, _Split] = {}
    for each in sorted(known.values(), key=lambda each: (each.manifest.recorded_at, each.address)):
        mine = split.setdefault(key_of(each.manifest), _Split())
        changed = changed_since(each.manifest, now.stimulus, now.assets)
        for path in changed:
            mine.changed[path] = mine.changed.get(path, 0) + 1
        (mine.stale if changed else mine.fresh).append(each)
    blessed = {each.key: each for each in baselines if each.case == now.case.id}
    keys = [key for key in _keys(now.case, split, blessed) if only is None or key in only]
    if not keys:
        return (_nothing(now, split, quarantine, policy, skipped),)
    several = len(keys) > 1
    return tuple(
        _line(
            now,
            key,
            split.get(key, _Split()),
            blessed.get(key),
            known,
            policy,
            counts=_counts(now.case, key, policy, quarantine, skipped, several=several),
        )
        for key in keys
    )


def plan_for(case: Case, policy: GatePolicy) -> Plan:
    """Return a case's trials: its own numbers where it has any, else the policy's."""
    own = case.trials
    return Plan(
        own.k if own.k != _DEFAULT.k else policy.k,
        own.confirm if own.confirm != _DEFAULT.confirm else policy.confirm,
        own.pool if own.pool != _DEFAULT.pool else policy.pool,
    )


def _keys(case: Case, split: Mapping[Key, _Split], blessed: Mapping[Key, Baseline]) -> list[Key]:
    replaced = {
        (version, *each.key.without_version)
        for each in blessed.values()
        for version in each.replaces
    }
    found = {key for key, mine in split.items() if mine.fresh} | blessed.keys()
    return sorted(
        key
        for key in found
        if key in blessed
        or (key.agent_version, *key.without_version) not in replaced
        or (case.case_class is CaseClass.GUARD and _failed(split.get(key)))
    )


def _failed(mine: _Split | None) -> bool:
    return mine is not None and any(each.mark is Mark.FAIL for each in mine.fresh)


def _counts(
    case: Case,
    key: Key | None,
    policy: GatePolicy,
    quarantine: Quarantine | None,
    skipped: int,
    *,
    several: bool,
) -> CaseCounts:
    """Return the counts of a line before any trial is counted."""
    return CaseCounts(
        id=f"{case.id} [{key.label}]" if several and key is not None else case.id,
        kind=case.case_class,
        # Lines of one case share its task: they are not independent of one another.
        cluster=case.trials.cluster or (case.id if several else ""),
        quarantine=quarantine,
        skipped=skipped,
        plan=plan_for(case, policy),
    )


def _nothing(
    now: CaseNow,
    split: Mapping[Key, _Split],
    quarantine: Quarantine | None,
    policy: GatePolicy,
    skipped: int,
) -> Line:
    """Return the line of a case of which no record is fresh and nothing was blessed."""
    counts = _counts(now.case, None, policy, quarantine, skipped, several=False)
    stale = sum(len(mine.stale) for mine in split.values())
    changed: dict[str, int] = {}
    for mine in split.values():
        for path, times in mine.changed.items():
            changed[path] = changed.get(path, 0) + times
    return Line(
        case=now.case,
        key=None,
        counts=msgspec.structs.replace(counts, stale=stale > 0),
        stale=stale,
        changed=_ordered(changed),
    )


def _line(
    now: CaseNow,
    key: Key,
    mine: _Split,
    baseline: Baseline | None,
    known: Mapping[str, Seen],
    policy: GatePolicy,
    *,
    counts: CaseCounts,
) -> Line:
    pool = frozenset(() if baseline is None else (*baseline.records, *baseline.infra))
    decided = [each for each in mine.fresh if each.mark in (Mark.PASS, Mark.FAIL)]
    new = [each for each in decided if each.address not in pool]
    enough = len(new) >= plan_for(now.case, policy).k
    guard = now.case.case_class is CaseClass.GUARD
    counted = decided if guard or not enough else new
    infra = tuple(e for e in mine.fresh if e.mark is Mark.INFRA and e.address not in pool)
    before, notes = (Tally(), ()) if baseline is None else _before(baseline, now, known)
    return Line(
        case=now.case,
        key=key,
        counts=msgspec.structs.replace(
            counts,
            baseline=before,
            trials=_tally(counted),
            infra=len(infra),
            stale=bool(mine.stale) and not mine.fresh,
        ),
        fresh=tuple(counted),
        decided=tuple(decided),
        cannot_tell=tuple(each for each in mine.fresh if each.mark is Mark.CANNOT_TELL),
        infra=infra,
        stale=len(mine.stale),
        changed=_ordered(mine.changed),
        pooled=len(counted) > len(new),
        baseline=baseline,
        notes=notes,
    )


def _before(
    baseline: Baseline, now: CaseNow, known: Mapping[str, Seen]
) -> tuple[Tally, tuple[str, ...]]:
    """Return a baseline's tally as the case of today judges it, and what is to be said of it.

    Kept records are judged again: what they show counts, and not what was written down of them.
    Without them the written numbers hold, as long as the case is word for word the same.
    """
    if baseline.stimulus != now.stimulus:
        return Tally(), ("its setup or run is not the one that was blessed; bless it again",)
    kept = [known[address] for address in baseline.records if address in known]
    told = Tally(baseline.passes, baseline.trials)
    missing = baseline.trials - len(kept)
    if missing:
        if baseline.case_digest == now.case_digest:
            return told, (f"{missing} of the baseline's records are not kept; its numbers stand",)
        note = f"the case was edited, and {missing} of the baseline's records are not kept"
        return Tally(), (f"{note} to be judged by it; bless it again",)
    found = _tally([each for each in kept if each.mark in (Mark.PASS, Mark.FAIL)])
    if found == told:
        return found, ()
    note = f"of the baseline's records {found.passes} of {found.n} pass now"
    return found, (f"{note}; {told.passes} of {told.n} did when it was blessed",)


def _tally(seen: Sequence[Seen]) -> Tally:
    return Tally(sum(each.mark is Mark.PASS for each in seen), len(seen))


def _ordered(changed: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(changed, key=lambda path: (-changed[path], path)))
