"""When an organisation stands still: the same gap again, or no step for a long time.

Only formal assessments count, and they speak of practice, never of people. An intervention is a
decision that leadership must record; what it decides is theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from pawl.maturity.confirm import AssessmentKind
from pawl.maturity.engine_numbers import Stagnation
from pawl.maturity.model import Model


class Summary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a closed assessment left: the confirmed levels, and each gap with its dimension."""

    assessment: str
    subject: str
    model: str
    kind: AssessmentKind
    closed_at: str
    levels: Mapping[str, int]
    gaps: Mapping[str, str]


class Intervention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why leadership must look: `gap` and `dimension` where one gap stays."""

    cause: Literal["same-gap", "no-step"]
    reason: str
    assessments: tuple[str, ...]
    gap: str = ""
    dimension: str = ""


def interventions(
    closed: Iterable[Summary], model: Model, numbers: Stagnation
) -> tuple[Intervention, ...]:
    """Return what the newest formal assessment calls for, out of one subject's history.

    Nothing is raised where the newest assessment is not formal.
    """
    every = sorted(
        (each for each in closed if each.model == model.id),
        key=lambda each: (each.closed_at, each.assessment),
    )
    if not every or every[-1].kind is not AssessmentKind.FORMAL:
        return ()
    formal = [each for each in every if each.kind is AssessmentKind.FORMAL]
    found = [
        *_same_gaps(formal[-numbers.same_gap :], numbers.same_gap),
        *_no_step(formal[-numbers.no_step :], model, numbers.no_step),
    ]
    return tuple(found)


def _same_gaps(row: Sequence[Summary], wanted: int) -> list[Intervention]:
    if len(row) < wanted:
        return []
    newest = row[-1]
    found = []
    for gap, dimension in sorted(newest.gaps.items()):
        stayed = all(each.gaps.get(gap) == dimension for each in row)
        levels = [each.levels.get(dimension, 0) for each in row]
        if stayed and max(levels[1:]) <= levels[0]:
            found.append(
                Intervention(
                    cause="same-gap",
                    reason=(
                        f"{gap} is a gap in {wanted} formal assessments in a row, and "
                        f"{dimension} did not rise."
                    ),
                    assessments=tuple(each.assessment for each in row),
                    gap=gap,
                    dimension=dimension,
                )
            )
    return found


def _no_step(row: Sequence[Summary], model: Model, wanted: int) -> list[Intervention]:
    if len(row) < wanted:
        return []
    top = max(level.ordinal for level in model.levels)
    first, *later = row
    rose = any(
        level > first.levels.get(dimension, 0)
        for each in later
        for dimension, level in each.levels.items()
    )
    at_top = all(level == top for level in row[-1].levels.values())
    if rose or at_top:
        return []
    return [
        Intervention(
            cause="no-step",
            reason=f"No dimension rose in {wanted} formal assessments in a row.",
            assessments=tuple(each.assessment for each in row),
        )
    ]
