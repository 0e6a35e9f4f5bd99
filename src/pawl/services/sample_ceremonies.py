"""The assessments that people hold over the sample: two closed, one still under way."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor
from pawl.maturity.ceremony_terms import Action, Gap, Refusal, Strength
from pawl.maturity.confirm import Trigger
from pawl.services.assessment_desk import AssessmentDesk


def _quarter(desk: AssessmentDesk, subject: str, at: str, actor: Actor) -> None:
    """Hold and close the quarterly assessment."""
    _hold(desk, subject, Trigger(cause="quarter", ref=_quarter_of(at), at=at), actor)


def _before_scaling(desk: AssessmentDesk, subject: str, at: str, actor: Actor) -> None:
    """Hold and close the assessment that a request to scale asks for."""
    _hold(desk, subject, Trigger(cause="scale-request", ref="new-region", at=at), actor)


def _hold(desk: AssessmentDesk, subject: str, trigger: Trigger, actor: Actor) -> None:
    at = trigger.at
    held = _through(desk.open(subject, "eng", trigger, actor, at))
    _through(desk.attach(held, actor, at))
    result = desk.latest(subject, "eng")
    strong = next(each for each in result.dimensions if each.id not in result.weakest)
    weak = next(each for each in result.dimensions if each.id in result.weakest)
    _through(
        desk.note_strength(
            held, Strength(dimension=strong.id, text=f"{strong.name} rose and holds."), actor, at
        )
    )
    gap = weak.blocking[0]
    text = next(each.statement for each in weak.criteria if each.id == gap)
    _through(desk.note_gap(held, Gap(id=gap, dimension=weak.id, text=text), actor, at))
    _through(desk.agree(held, actor, at))
    action = Action(
        id="first-step",
        gap=gap,
        text=f"Do what is missing for: {text}",
        owner="platform-team",
        due=_day_after(at, 60),
        indicator="The criterion is met in the next quarterly assessment.",
    )
    _through(desk.plan(held, action, actor, at))
    for each in result.dimensions:
        _through(desk.aim(held, each.id, each.measured, actor, at))
    _through(desk.close(held, actor, at))


def _after_incident(desk: AssessmentDesk, subject: str, at: str, actor: Actor) -> None:
    """Open the assessment after the incident and bring it as far as its actions."""
    trigger = Trigger(cause="incident", ref="INC-2041", at=at, dimensions=("reliability",))
    held = _through(desk.open(subject, "eng", trigger, actor, at))
    _through(desk.attach(held, actor, at))
    strength = Strength(
        dimension="security", text="Signed releases and their approvals were what was trusted."
    )
    gap = Gap(
        id="eng.reliability.L3.runbooks",
        dimension="reliability",
        text="The payments runbook did not say how to stop a payout.",
    )
    _through(desk.note_strength(held, strength, actor, at))
    _through(desk.note_gap(held, gap, actor, at))
    _through(desk.agree(held, actor, at))
    action = Action(
        id="rewrite-payments",
        gap=gap.id,
        text="Rewrite the payments runbook from the timeline of INC-2041 and drill it once.",
        owner="payments-team",
        due=_day_after(at, 21),
        indicator="Share of runbooks that an incident or drill used",
    )
    _through(desk.plan(held, action, actor, at))


HELD: Mapping[int, Callable[[AssessmentDesk, str, str, Actor], None]] = {
    3: _before_scaling,
    4: _quarter,
    5: _after_incident,
}
"""In which months assessments were held over the sample."""


def _through(answer: str | Refusal) -> str:
    if isinstance(answer, Refusal):
        raise SampleBroken(answer.message, hint=answer.hint)
    return answer


class SampleBroken(PawlError):
    """The sample's story no longer fits the rules it is judged by: a defect of ours."""

    code = "sample-broken"


def _quarter_of(at: str) -> str:
    return f"{at[:4]}-Q{(int(at[5:7]) + 2) // 3}"


def _day_after(time: str, days: int) -> str:
    return format_time(parse_time(time) + timedelta(days=days))[:10]
