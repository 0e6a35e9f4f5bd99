"""Skill used: the agent took up a skill.

It did when it called a tool named `Skill` with the skill's name, alone or behind its plugin's, or
when it gave any tool the path of that skill's `SKILL.md`, as agents do that read skills as files.
Cannot tell: no such call was found, and calls or arguments were not seen or were cut.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.matching import leaves
from pawl.evals.record import Sight, Trial
from pawl.evals.trajectory import Call, calls, unseen


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of the skill."""

    skill_used: str


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    name = arguments.skill_used
    expected = f"the skill {name} was used"
    made = calls(trial)
    for call in made:
        if not call.denied and _uses(call, name):
            return passed(expected, f"by {call.tool}", call.pointer)
    blind = unseen(trial, None)
    if not blind and not trial.sees(Sight.TOOL_ARGS):
        blind = "arguments of tool calls were not seen in this trial"
    if blind:
        return unknown(expected, blind)
    for call in made:
        given = call.arguments
        if not call.denied and (given is None or given.cut or given.redacted):
            return unknown(expected, "a call's arguments are not in the record", call.pointer)
    return failed(expected, f"not among {len(made)} calls", "/events")


def _uses(call: Call, name: str) -> bool:
    if call.arguments is None:
        return False
    named = (call.tool or "").lower() == "skill"
    for text in leaves(call.arguments.text):
        if named and (text == name or text.endswith(f":{name}")):
            return True
        if f"/{name}/SKILL.md" in f"/{text}".replace("\\", "/"):
            return True
    return False


def _check(arguments: Arguments) -> str:
    return "" if arguments.skill_used.strip() else "the name is empty"


GRADER = Grader(title="A skill was used", arguments=Arguments, grade=_grade, check=_check)
