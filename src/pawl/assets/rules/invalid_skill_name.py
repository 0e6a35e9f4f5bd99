"""A skill has a name that the specification does not allow.

Bad: `name: Deploy_Helper`, `name: my--skill`, a name of 80 letters. The specification asks for 1 to
64 of `a-z`, `0-9` and `-`, with no dash at an end or twice in a row. Products that keep to it
refuse the skill; Claude Code takes it, and validators and other products that get it later do not.

Instead: `name: deploy-helper`, and a folder of the same name.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.profiles import is_open, is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

MAX_NAME = 64
_NAME = regex(r"[a-z0-9]+(?:-[a-z0-9]+){0,63}")


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.skills:
        name = page.front.values.get("name")
        if not is_read(page) or name is None or not isinstance(name, str | int | float):
            continue
        text = str(name).strip()
        why = _wrong(text)
        if text and why is not None:
            yield Hit(
                path=page.path,
                line=page.front.line("name"),
                message=f"The name `{text[:80]}` {why}.",
                subject=text[:100],
                severity=None if is_open(page) else Severity.LOW,
            )


def _wrong(name: str) -> str | None:
    if len(name) > MAX_NAME:
        return f"has {len(name)} characters, and {MAX_NAME} are allowed"
    if _NAME.fullmatch(name) is None:
        return "is not made of `a-z`, `0-9` and single dashes between them"
    return None


RULE = Rule(
    title="A skill's name is not allowed by the specification",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://agentskills.io/specification",
    as_of="2026-11-21",
    hint="Use `a-z`, `0-9` and single dashes, 64 characters at most.",
)
