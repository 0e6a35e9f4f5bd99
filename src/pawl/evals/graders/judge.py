"""Judge: a model scored the trial by a rubric, and it is known how far that model is to be trusted.

Advice: it never gates alone. It counts only with the digest of a calibration record, and only
where that found the judge to agree with people at least as far as `agreement` says.
Cannot tell: nobody judged, the judge's answer made no sense, or it is not calibrated well enough.
"""

from typing import Annotated

import msgspec

from pawl.evals.grader import Answer, Grader, Wants, failed, passed, unknown
from pawl.evals.record import Judgement, Trial

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rubric's file, the least score, and the least agreement with people; 0 to 1 both."""

    judge: str
    at_least: Share
    agreement: Share


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    expected = f"{arguments.judge} scored {arguments.at_least:g} or more"
    at = next(
        (at for at, each in enumerate(trial.judgements) if each.rubric == arguments.judge), None
    )
    if at is None:
        return unknown(expected, "nobody judged this trial")
    judgement = trial.judgements[at]
    pointer = f"/judgements/{at}"
    doubt = _doubt(judgement, arguments)
    if doubt or judgement.score is None:
        return unknown(expected, doubt, pointer)
    actual = f"{judgement.score:g} by {judgement.judge}"
    if judgement.score >= arguments.at_least:
        return passed(expected, actual, pointer)
    return failed(expected, actual, pointer)


def _doubt(judgement: Judgement, arguments: Arguments) -> str:
    if judgement.score is None or not 0 <= judgement.score <= 1:
        return "the judge's answer made no sense"
    if judgement.calibration is None or judgement.agreement is None:
        return "the judge is not calibrated"
    if not arguments.agreement <= judgement.agreement <= 1:
        return f"the judge agrees with people to {judgement.agreement:g} only"
    return ""


GRADER = Grader(
    title="A calibrated judge scored it well",
    arguments=Arguments,
    grade=_grade,
    wants=lambda arguments: Wants(rubrics=(arguments.judge,)),
    advisory=True,
)
