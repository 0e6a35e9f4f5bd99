"""An experiment says what it expects, how many it reaches, and when it ends.

Asks: a hypothesis with its metric, rules that abort it, no stage beyond the exposure it declares,
a first stage within the policy's share, and an end within the policy's days.

Fails: any of these is missing, or the end has passed.

Cannot tell: never; the manifest says all of it or does not.
"""

from pawl.changes.condition import Answer, Condition, Question, fails, holds, not_applicable
from pawl.changes.plan import experiment_problems


def _judge(question: Question, _: object) -> Answer:
    manifest = question.change.manifest
    if manifest.experiment is None:
        return not_applicable("It is no experiment.")
    terms = question.snapshot.policy.terms
    found = list(
        experiment_problems(
            manifest.experiment,
            manifest.rollout,
            question.now,
            exposure_start=terms.experiment_exposure_start,
            days_max=terms.experiment_days_max,
        )
    )
    if found:
        return fails(" ".join(found), hint="Write it into the manifest.")
    return holds(f"It ends on {manifest.experiment.ends_at[:16]} at the latest.")


CONDITION = Condition(claim="An experiment is bounded", judge=_judge)
