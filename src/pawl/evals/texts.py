"""Look for a text in what was said during a trial, knowing what was cut or taken out."""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from pawl.base.redaction import redact
from pawl.evals.matching import leaves
from pawl.evals.record import Sight, Text, Trial

Source = Literal["final", "tool_args", "tool_result", "network"]
Sources = Source | tuple[Source, ...]

_SIGHTS: dict[str, Sight] = {
    "final": Sight.FINAL,
    "tool_args": Sight.TOOL_ARGS,
    "tool_result": Sight.TOOL_RESULT,
    "network": Sight.NETWORK,
}


class Look(NamedTuple):
    """Where something was found first, if anywhere; else why it may still have been there."""

    pointer: str = ""
    text: str = ""
    doubt: str = ""

    @property
    def found(self) -> bool:
        """Whether it was found."""
        return bool(self.pointer)


def listed(sources: Sources) -> tuple[Source, ...]:
    """Return one or several sources as several."""
    return sources if isinstance(sources, tuple) else (sources,)


def of_source(trial: Trial, sources: Sources) -> list[tuple[int, Text]]:
    """Return the texts of some sources with their positions in the record."""
    wanted = listed(sources)
    return [(at, text) for at, text in enumerate(trial.texts) if text.source in wanted]


def unseen(trial: Trial, sources: Sources) -> str:
    """Return which of the sources were not seen, as a reason, or nothing."""
    blind = [source for source in listed(sources) if not trial.sees(_SIGHTS[source])]
    return f"not seen in this trial: {', '.join(blind)}" if blind else ""


def look(
    trial: Trial, sources: Sources, holds: Callable[[str], bool], *, may_hide: bool = True
) -> Look:
    """Return the first text that holds what is looked for.

    Arguments and results that are JSON are looked at as they are, and text by text. `may_hide`:
    what is looked for could have gone with a secret that was taken out.
    """
    doubt = unseen(trial, sources)
    for at, text in of_source(trial, sources):
        if any(holds(each) for each in _readings(text)):
            return Look(f"/texts/{at}", text.text)
        if text.cut:
            doubt = doubt or f"/texts/{at} was cut"
        elif text.redacted and may_hide:
            doubt = doubt or f"a secret was taken out of /texts/{at}"
    return Look(doubt=doubt)


def hidden_by_redaction(wanted: str) -> bool:
    """Say whether a text could go with a secret: it looks like one, or has no white space."""
    return redact(wanted) != wanted or not any(char.isspace() for char in wanted)


def final(trial: Trial) -> tuple[int, Text] | None:
    """Return the final answer: the last one that was told; None where there is none."""
    answers = of_source(trial, "final")
    return answers[-1] if answers else None


def _readings(text: Text) -> Iterable[str]:
    yield text.text
    if text.source in ("tool_args", "tool_result"):
        yield from leaves(text.text)
