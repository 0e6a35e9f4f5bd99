"""Bless: take the fresh trials of a case for how it behaves, from now on.

A person answers for it. Who that is stands in the ledger, whose entry binds the digest of the
file of baselines; the file holds the entry's hash, and nobody's name.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from pawl.base.errors import BadValue
from pawl.evals.answers import Blessed, Blessing, NotBlessed
from pawl.evals.baseline import (
    Baseline,
    Key,
    baselines_digest,
    baselines_text,
)
from pawl.evals.counts import CaseClass
from pawl.evals.grade import Mark
from pawl.evals.lines import Line, plan_for
from pawl.evals.shelf import BASELINES
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.services.eval_keeping import Writing
from pawl.services.evals import Evals, Looked
from pawl.store.records.connection import Engine
from pawl.store.records.engine import writing as in_one_go
from pawl.store.records.ledger import append

MAX_REASON = 2_000


class Deciding(Protocol):
    """Where decisions are recorded."""

    def record(self, draft: Draft) -> str:
        """Append an entry and return its hash."""


class DecisionLedger:
    """The ledger of the records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, draft: Draft) -> str:
        """Append an entry and return its hash; raises BadValue where it was appended before."""
        with in_one_go(self._engine) as connection:
            entry = append(connection, draft)
        if entry is None:
            raise BadValue("This was recorded a moment ago.", hint="Ask again.")
        return entry.hash


def bless(
    evals: Evals,
    names: Sequence[str],
    *,
    reason: str,
    actor: Actor,
    now: str,
    subject: str,
    writing: Writing,
    deciding: Deciding,
) -> Blessing:
    """Make baselines of what is fresh, record who did it and why, and write the file.

    A line is refused, and the others are blessed, where it has nothing fresh, too little, a
    violated guard, a record that proves nothing or does not say how it went, or an invalid case.
    Raises BadValue for no reason, and CannotTell where the file cannot be written: the entry then
    stands for nothing, and asking again makes another.
    """
    if not reason.strip() or len(reason) > MAX_REASON:
        raise BadValue(
            "A blessing needs a reason.",
            place="--reason",
            hint=f"Say in at most {MAX_REASON:,} characters why this is how it should behave.",
        )
    held = {(each.case, each.key): each for each in evals.baselines.baselines}
    blessed: list[Blessed] = []
    refused: list[NotBlessed] = []
    made: list[tuple[str, Key]] = []
    for looked in evals.look(names):
        for line in looked.lines:
            why = _why_not(looked, line, evals)
            key = line.key
            if why or key is None:
                refused.append(NotBlessed(case=line.case.id, key=key, why=why))
                continue
            entry, told = _baseline(looked, line, held, evals, reason=reason, now=now)
            for version in entry.replaces:
                held.pop((entry.case, msgspec.structs.replace(key, agent_version=version)), None)
            held[entry.case, key] = entry
            made.append((entry.case, key))
            blessed.append(told)
    if not blessed:
        return Blessing(blessed=(), refused=tuple(refused))
    bound = baselines_digest(held.values())
    entry_hash = deciding.record(
        _draft(evals, blessed, bound, reason=reason, actor=actor, now=now, subject=subject)
    )
    for place in made:
        if place in held:
            held[place] = msgspec.structs.replace(held[place], ledger=entry_hash)
    writing.write_bytes(BASELINES, baselines_text(held.values()).encode())
    return Blessing(blessed=tuple(blessed), refused=tuple(refused), digest=bound, ledger=entry_hash)


def _why_not(looked: Looked, line: Line, evals: Evals) -> str:
    """Return why a line cannot be blessed; empty where it can."""
    k = plan_for(line.case, evals.policy).k
    if looked.problems:
        return f"the case is invalid: {' '.join(looked.problems)}"
    if looked.refused:
        return f"the record {looked.refused[0].path} is refused: {looked.refused[0].why}"
    if line.cannot_tell:
        return f"{len(line.cannot_tell)} fresh records do not say how their trials went"
    fresh = line.decided
    passes = sum(each.mark is Mark.PASS for each in fresh)
    if line.case.case_class is CaseClass.GUARD and passes < len(fresh):
        return f"the guard was violated in {len(fresh) - passes} of {len(fresh)} trials"
    if not fresh and line.stale:
        return f"its {line.stale} records are stale"
    if len(fresh) < k:
        return f"{len(fresh)} of {k} trials are there"
    return ""


def _baseline(
    looked: Looked,
    line: Line,
    held: dict[tuple[str, Key], Baseline],
    evals: Evals,
    *,
    reason: str,
    now: str,
) -> tuple[Baseline, Blessed]:
    key, case = line.key, line.case
    assert key is not None
    fresh = line.decided
    passes = sum(each.mark is Mark.PASS for each in fresh)
    older = [
        each
        for (name, other), each in held.items()
        if name == case.id and other != key and other.without_version == key.without_version
    ]
    before = held.get((case.id, key))
    replaced = {each.agent_version for each in older}
    replaced |= {version for each in older for version in each.replaces}
    replaced |= set(before.replaces if before else ())
    entry = Baseline(
        case=case.id,
        agent=key.agent,
        agent_version=key.agent_version,
        model=key.model,
        sandbox=key.sandbox,
        passes=passes,
        trials=len(fresh),
        case_digest=looked.now.case_digest,
        stimulus=looked.now.stimulus,
        assets=dict(looked.now.assets),
        records=tuple(sorted(each.address for each in fresh)),
        infra=tuple(sorted({*(before.infra if before else ()), *(e.address for e in line.infra)})),
        replaces=tuple(sorted(replaced - {key.agent_version})),
        blessed_at=now,
        reason=reason.strip(),
    )
    pool = plan_for(case, evals.policy).pool
    short = len(fresh) < pool and case.case_class is CaseClass.BEHAVIOUR
    told = Blessed(
        case=case.id,
        key=key,
        before=None if before is None else (before.passes, before.trials),
        after=(passes, len(fresh)),
        replaces=entry.replaces,
        note=f"{pool} trials are planned; with fewer, small drops stay unseen" if short else "",
    )
    return entry, told


def _draft(
    evals: Evals,
    blessed: Sequence[Blessed],
    bound: str,
    *,
    reason: str,
    actor: Actor,
    now: str,
    subject: str,
) -> Draft:
    kind = EntryType.EVAL_BLESSED.value
    return Draft(
        type=kind,
        subject=subject,
        actor=actor,
        body={
            "digest": bound,
            "before": baselines_digest(evals.baselines.baselines),
            "reason": reason.strip(),
            "blessed": msgspec.to_builtins(list(blessed)),
        },
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{kind}:{bound}:{now}",
        policy_digest=evals.policy.digest,
    )
