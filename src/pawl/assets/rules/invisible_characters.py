"""A page holds characters that no reader sees and the model does.

Bad: tag characters that spell an order, marks that turn the line round, runs of zero-width signs or
of variation selectors. A reviewer approves what is shown; the agent follows what is written. Signs
that join an emoji, and those that Persian, Hindi and other scripts are written with, are no sin. A
stray zero-width space is told of mildly: it breaks a search, and rarely more.

Instead: delete them; the fix does.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page
from pawl.assets.rule import Edit, Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.invisible import MANY, Hidden, hidden_in, without_hidden

_KINDS = {
    "tags": "tag characters",
    "direction": "marks that turn the direction of writing",
    "selectors": "variation selectors in a row",
    "zero-width": "signs without a width",
}


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.pages:
        found = hidden_in(page.text)
        if found:
            lines = page.text.split("\n")
            edits = _edits(page, lines, found)
            for each in found:
                yield _hit(page, each, edits[each.line])


def _edits(page: Page, lines: list[str], found: tuple[Hidden, ...]) -> dict[int, Edit]:
    return {
        number: Edit(
            page.path, number, number, without_hidden(lines[number - 1], first=number == 1)
        )
        for number in {each.line for each in found}
    }


def _hit(page: Page, hidden: Hidden, edit: Edit) -> Hit:
    says = f", which spell {hidden.spelled!r}" if hidden.spelled.strip() else ""
    stray = hidden.kind == "zero-width" and hidden.count < MANY
    return Hit(
        path=page.path,
        line=hidden.line,
        message=f"Here stand {hidden.count} {_KINDS[hidden.kind]}{says}.",
        subject=f"{hidden.kind} {edit.text[:200]}",
        severity=Severity.LOW if stray else None,
        edits=(edit,),
    )


RULE = Rule(
    title="A page holds characters that no reader sees",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MEMORY, Kind.SKILL, Kind.AGENT, Kind.COMMAND}),
    check=_check,
    source="https://www.unicode.org/reports/tr36/",
    as_of="2026-11-21",
    hint="Delete them.",
    fix="safe",
)
