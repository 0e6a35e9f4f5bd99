"""One assessment as people hold it, with what can be done to it next."""

from collections.abc import Sequence

import msgspec

from pawl.maturity.ceremony_terms import Ceremony, Gap, State
from pawl.maturity.confirm import Confirmed, latest
from pawl.maturity.model import Model
from pawl.maturity.verdict import CriterionResult, Verdict

STEPS = (State.DRAFT, State.EVIDENCE, State.ACTIONS, State.CLOSED)
"""The way of an assessment, in order."""


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """One dimension of an open assessment. `choices` are the levels that may be aimed at."""

    id: str
    name: str
    measured: int
    confirmed: int | None
    target: int | None
    choices: tuple[int, ...]


class CeremonyView(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment with what is still missing for its next step.

    `provable` are criteria that may be named as strengths, `missing` those that may be gaps.
    """

    ceremony: Ceremony
    model: Model | None
    steps: tuple[State, ...]
    aims: tuple[Aim, ...]
    provable: tuple[tuple[str, CriterionResult], ...]
    missing: tuple[tuple[str, CriterionResult], ...]
    unplanned: tuple[Gap, ...]
    to_do: tuple[str, ...]


def ceremony_view(
    held: Ceremony, model: Model | None, confirmed: Sequence[Confirmed]
) -> CeremonyView:
    """Return what a page shows of an assessment; `confirmed` is its subject's history."""
    result = held.result
    dimensions = () if result is None else result.dimensions
    planned = {action.gap for action in held.actions}
    unplanned = tuple(gap for gap in held.gaps if gap.id not in planned)
    aims = []
    ordinals = () if model is None else tuple(sorted(level.ordinal for level in model.levels))
    for each in dimensions:
        last = latest(confirmed, held.model, each.id)
        aims.append(
            Aim(
                id=each.id,
                name=each.name,
                measured=each.measured,
                confirmed=None if last is None else last.level,
                target=held.targets.get(each.id),
                choices=ordinals,
            )
        )
    noted = {gap.id for gap in held.gaps}
    return CeremonyView(
        ceremony=held,
        model=model,
        steps=STEPS,
        aims=tuple(aims),
        provable=tuple(
            (each.id, criterion)
            for each in dimensions
            for criterion in each.criteria
            if criterion.verdict is Verdict.MET
        ),
        missing=tuple(
            (each.id, criterion)
            for each in dimensions
            for criterion in each.criteria
            if criterion.id in each.blocking and criterion.id not in noted
        ),
        unplanned=unplanned,
        to_do=tuple(_to_do(held, unplanned, aims)),
    )


def _to_do(held: Ceremony, unplanned: Sequence[Gap], aims: Sequence[Aim]) -> list[str]:
    """Return what must be done before the next step, in plain words."""
    if held.state is State.DRAFT:
        return ["Attach the newest assessment as its evidence."]
    if held.state is State.EVIDENCE:
        found = [("a strength", held.strengths), ("a gap", held.gaps)]
        missing = [f"Note at least {name}." for name, entries in found if not entries]
        return missing or ["Agree on the findings."]
    if held.state is State.ACTIONS:
        todo = [f"Plan an action for {gap.id}." for gap in unplanned]
        aimless = ", ".join(aim.name for aim in aims if aim.target is None)
        todo += [f"Set a target for {aimless}."] if aimless else []
        return todo or ["Close it: its levels are confirmed."]
    return []
