"""Commands of skills and commands that run before the model reads anything.

Claude Code runs what stands in `` !`…` `` at the start of a line or after a blank, and fenced
blocks opened with ```` ```! ````, wherever they stand in the page, and puts the output in their
place.
"""

import msgspec

from pawl.assets.pages import Page
from pawl.base.patterns import regex

MAX_COMMANDS = 100
_INLINE = regex(r"(?:^|(?<=\s))!`([^`\n]{1,2000})`")
_OPEN = regex(r"\s{0,12}`{3}!\s{0,4}$")


class Dynamic(msgspec.Struct, frozen=True):
    """One such command, and the 1-based line that it begins on."""

    text: str
    line: int


def dynamic_in(page: Page) -> tuple[Dynamic, ...]:
    """Return the commands of a page that run by themselves, in order."""
    if "!`" not in page.body and "```!" not in page.body:
        return ()
    found: list[Dynamic] = []
    block: list[str] | None = None
    begun = 0
    for number, line in enumerate(page.body.split("\n"), page.front.body_line):
        if block is not None:
            if line.strip().startswith("```"):
                found.append(Dynamic("\n".join(block), begun))
                block = None
            else:
                block.append(line)
        elif _OPEN.match(line[:40]):
            block, begun = [], number + 1
        elif "!`" in line:
            found.extend(Dynamic(match[1], number) for match in _INLINE.finditer(line[:8000]))
        if len(found) >= MAX_COMMANDS:
            break
    return tuple(found[:MAX_COMMANDS])
