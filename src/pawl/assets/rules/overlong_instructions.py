"""A file of instructions is longer than an agent keeps to.

Bad: a CLAUDE.md of 600 lines. It is part of every prompt, and the more it says the less of it is
followed; Claude Code's manual asks for less than 200 lines a file. Comments are not counted: they
are left out of the prompt.

Instead: keep what holds always, move procedures into skills, and what holds for some files into
`.claude/rules` with `paths`.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.prose import without_comments

MAX_LINES = 200
"""Lines of one file that the manual asks to stay below."""


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.memories:
        body = page.body.strip()
        if page.asset.product != "claude-code" or body.count("\n") < MAX_LINES:
            continue
        lines = _lines(body)
        if lines > MAX_LINES:
            yield Hit(
                path=page.path,
                line=1,
                message=f"It has {lines} lines, and {_carried(page)} carries them all.",
                subject="length",
            )


def _carried(page: Page) -> str:
    """Return which prompts carry a file: one of a folder below joins when something there is read.

    So does a rule that names paths.
    """
    place, found, _ = f"/{page.path}".rpartition("/.claude/")
    if found and "/rules/" in f"/{page.path}" and "paths" in page.front.values:
        return "every prompt after a file of its paths"
    place = place.strip("/") if found else page.asset.folder
    return f"every prompt after a file of {place}/" if place else "every prompt"


def _lines(body: str) -> int:
    """Count lines but for those of comments; the text in them is gone, their line ends are not."""
    shown = without_comments(body)
    before, after = body.split("\n"), shown.split("\n")
    blank = sum(
        1 for one, two in zip(before, after, strict=True) if one.strip() and not two.strip()
    )
    return len(before) - blank


RULE = Rule(
    title="Instructions are longer than an agent keeps to",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.MEMORY}),
    check=_check,
    source="https://code.claude.com/docs/en/memory",
    as_of="2026-11-21",
    hint="Move procedures into skills, and what holds for some files into `.claude/rules`.",
    products=("claude-code",),
)
