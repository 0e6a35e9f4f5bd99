"""What applying a learning is made of, wherever the files and wherever the records are.

Who has the working tree proves and writes; who has the records plans, and puts each step on record.
On one machine both are the same process, beside a team's server they are not.
"""

import re

import msgspec

from pawl.evals.steering import EVALS
from pawl.incidents.action import DONE, Action, Work
from pawl.incidents.event import Refusal, refused
from pawl.incidents.incident import Incident
from pawl.incidents.learning import IncidentLearning, Step, StepKind, remaining
from pawl.incidents.step_done import StepDone
from pawl.services.incident_teaching import (
    GATES,
    LearningFiles,
    Opens,
    Prepared,
    Teaching,
    Wrong,
    files_of,
    needs_files,
    no_tree,
)
from pawl.services.incident_terms import Learnt

MAX_RESULT = 20_000
MAX_TITLE = 300
_MADE = re.compile(r"[!-~\u00a1-\uffff]{1,2000}@[0-9a-f]{64}")
_WORK = {
    StepKind.EVAL_CASE: Work.EVAL_CASE,
    StepKind.GATE_UPDATE: Work.GATE,
    StepKind.ACTION: Work.CODE,
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a learning comes to: all its steps, those on record, and when its actions are due.

    `owner` is a roster id, `now` is when it was planned.
    """

    incident: Incident
    steps: tuple[Step, ...]
    done: tuple[StepDone, ...]
    owner: str
    due_at: str
    now: str

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that are still to do."""
        return remaining(self.steps, {each.key for each in self.done})


def prepared_steps(
    plan: Plan,
    learning: IncidentLearning,
    files: LearningFiles | None,
    records: tuple[str, ...],
) -> tuple[Prepared, ...] | Refusal:
    """Return every step that is left as it will be done, or all that is wrong with them.

    Raises CannotTell where files are needed and there are none.
    """
    if not plan.left:
        return ()
    if files is None:
        if any(needs_files(each) for each in plan.left):
            raise no_tree()
        return tuple(
            Prepared(each, {}, "", Opens(each.content, Work.CODE), each.content)
            for each in plan.left
        )
    teaching = Teaching(plan.incident, learning, files, today=plan.now[:10], records=records)
    tried = [teaching.prepared(each) for each in plan.left]
    wrong = tuple(each.why for each in tried if isinstance(each, Wrong))
    if wrong:
        return refused("not-applied", *wrong, hint="Mend these; nothing was written.")
    return tuple(each for each in tried if isinstance(each, Prepared))


def told_step(step: Step, result: str, title: str) -> Prepared | Refusal:
    """Return a step as somebody did it in a tree of theirs, or why it cannot be put on record.

    Of a case and a gate it must say which files hold it, each with the digest of what they hold:
    by that it is found again, and one that is not there counts for nothing.
    """
    if step.kind is StepKind.ACTION:
        return Prepared(step, {}, "", Opens(step.content, Work.CODE), step.content)
    below = f"{EVALS}/" if step.kind is StepKind.EVAL_CASE else f"{GATES}#"
    made = result.split(",") if step.kind is StepKind.GATE_UPDATE else [result]
    fits = len(result) <= MAX_RESULT and all(
        _MADE.fullmatch(each) and each.startswith(below) and "/../" not in each for each in made
    )
    if not fits:
        return refused(
            "not-whole",
            f"What the step made is not told as {below}NAME@DIGEST.",
            hint="Apply it with `pawl incident learn` in a clone.",
        )
    if not title.strip() or len(title) > MAX_TITLE or not title.isprintable():
        return refused("not-whole", "Its action has no title, or one that is too long.")
    return Prepared(step, {}, result, Opens(title, _WORK[step.kind]), result)


def learnt_of(
    incident: str,
    planned: tuple[Step, ...],
    done: tuple[StepDone, ...],
    actions: tuple[Action, ...],
    prepared: tuple[Prepared, ...],
) -> Learnt:
    """Return how far a learning is applied, from what is on record and what was done this time."""
    keys = {each.key for each in planned}
    mine = tuple(each for each in done if each.key in keys)
    return Learnt(
        incident=incident,
        steps=planned,
        done=mine,
        left=remaining(planned, {each.key for each in mine}),
        files=files_of(mine, prepared),
        told=tuple(each.told for each in prepared),
        actions=tuple(each.id for each in actions),
        closes=tuple(
            each.id
            for each in actions
            if each.state not in DONE and each.work in (Work.EVAL_CASE, Work.GATE)
        ),
    )
