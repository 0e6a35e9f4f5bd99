"""Make the texts of a trial record out of what a reader of an agent's output gathered."""

from collections.abc import Iterable

from pawl.evals.record import Text
from pawl.telemetry.content import Content, Role


def texts_of(contents: Iterable[Content], final: str | None) -> tuple[Text, ...]:
    """Return the arguments and results of tool calls, and the final answer, which comes last.

    They are as they were said: `pawl.evals.sealing.seal` looks for canaries and takes secrets out.
    """
    texts = [
        Text(
            source="tool_args" if content.role is Role.ARGUMENTS else "tool_result",
            text=content.text,
            event_id=content.event_id,
            cut=content.characters > len(content.text),
        )
        for content in contents
        if content.role in (Role.ARGUMENTS, Role.RESULT)
    ]
    return (*texts, *([] if final is None else [Text(source="final", text=final)]))
