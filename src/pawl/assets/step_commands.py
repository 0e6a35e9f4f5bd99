"""The commands of a step's script, whichever shell reads it."""

from functools import lru_cache
from itertools import groupby

from pawl.assets.flow import Step
from pawl.assets.shell_commands import MAX_COMMANDS, MAX_PIPE, Command, commands_of
from pawl.parsing.powershell_words import commands_in


def commands_of_step(step: Step) -> tuple[Command, ...]:
    """Return the commands of a step in order: of a POSIX shell's script, or of PowerShell's."""
    return _of_powershell(step.run) if step.is_powershell else commands_of(step.run)


@lru_cache(maxsize=128)
def _of_powershell(text: str) -> tuple[Command, ...]:
    lines = text.split("\n")
    found: list[Command] = []
    for _, held in groupby(commands_in(text), key=lambda each: each.pipe):
        pipe = list(held)
        texts = [tuple(word.text for word in each.words) for each in pipe]
        for at, each in enumerate(pipe):
            found.append(
                Command(
                    words=each.words,
                    line=each.line,
                    feeds=tuple(texts[max(0, at - MAX_PIPE) : at]),
                    reads=tuple(texts[at + 1 : at + 1 + MAX_PIPE]),
                    assigned=pipe[0].assigned,
                    raw=lines[each.line - 1],
                )
            )
    return tuple(found[:MAX_COMMANDS])
