"""Have an agent look at an investigation, and keep of its answer what stands on evidence.

Whatever becomes of the agent, the investigation without it stands, and says what was wrong.
"""

from collections.abc import Callable

import msgspec

from pawl.base.errors import PawlError
from pawl.investigation.agent_answer import read_answer
from pawl.investigation.asking_agent import question
from pawl.investigation.investigation import AgentPart, Investigation
from pawl.investigation.knowledge import Knowledge
from pawl.investigation.template import Template
from pawl.runs.record import Outcome, RunRecord

_MAX_WHY = 300


def with_agent(
    found: Investigation,
    template: Template,
    ask: Callable[[str], RunRecord],
    *,
    nonce: str,
    knowledge: Knowledge,
) -> Investigation:
    """Return an investigation with what an agent added to it."""
    return msgspec.structs.replace(found, agent=_part(found, template, ask, nonce, knowledge))


def _part(
    found: Investigation,
    template: Template,
    ask: Callable[[str], RunRecord],
    nonce: str,
    knowledge: Knowledge,
) -> AgentPart:
    try:
        record = ask(question(found, template, nonce))
    except PawlError as error:
        why = f"the run could not be made: {error.message}"[:_MAX_WHY]
        return AgentPart(run_id="", template=template.name, used=False, problem=why)
    if record.outcome is not Outcome.SUCCEEDED:
        problem = f"{_why(record)}."
        return AgentPart(
            run_id=record.run_id, template=template.name, used=False, problem=problem[:_MAX_WHY]
        )
    raw = record.structured_output
    return read_answer(
        record.result,
        None if raw is None else bytes(raw),
        found,
        template,
        knowledge,
        record.run_id,
    )


def _why(record: RunRecord) -> str:
    if record.outcome is Outcome.STOPPED and record.stop is not None:
        return f"it was stopped by a limit ({record.stop.limit})"
    return {
        Outcome.AGENT_FAILED: "it failed",
        Outcome.UNREADABLE: "its output cannot be read",
        Outcome.REFUSED: "it was not started",
        Outcome.INTERRUPTED: "it was interrupted",
    }.get(record.outcome, "it did not finish")
