"""A page asks for a model that the product cannot have.

Bad: `model: Claude Sonnet 4.5 (copilot)`, `model: gpt-5`, `model: sonet`. Claude Code does not look
at the name until it calls the model: the agent fails when it is first needed.

Instead: an alias (`sonnet`, `opus`, `haiku`, `inherit`) or the model's whole id. What a gateway or
a cloud calls a model is let pass where it has the shape of such a name.
"""

import difflib
import re
from collections.abc import Iterator
from functools import cache

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import claude_names
from pawl.assets.profiles import is_claude, is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for page in (*assets.skills, *assets.agents, *assets.commands):
        if not is_read(page) or not is_claude(page):
            continue
        said = page.front.values.get("model")
        if said is None or (isinstance(said, str) and not said.strip()):
            continue
        if not isinstance(said, str):
            why, mild = "is no name of a model", False
        else:
            found = _wrong(said.strip())
            if found is None:
                continue
            why, mild = found
        yield Hit(
            path=page.path,
            line=page.front.line("model"),
            message=f"`{str(said)[:80]}` {why}.",
            subject=str(said)[:100],
            severity=Severity.MEDIUM if mild else None,
        )


@cache
def _shape() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in claude_names().model_shapes))


def _wrong(said: str) -> tuple[str, bool] | None:
    """Return what is wrong with a name, and whether another reading of it is left."""
    name = said.lower().removesuffix("[1m]")
    known = claude_names()
    if name in known.models or _shape().fullmatch(name[:400]):
        return None
    if " " in said or "(" in said:
        return "is what people call a model, and no alias or id", False
    begin = re.split(r"[-.\d]", name, maxsplit=1)[0]
    if name in known.foreign_models or begin in known.foreign_models:
        return "is another maker's model", False
    near = difflib.get_close_matches(name[:40], known.models, n=1, cutoff=0.75)
    if near:
        return f"is no alias; `{near[0]}` is", False
    return "is neither an alias nor the id of a model", True


RULE = Rule(
    title="A page asks for a model that the product cannot have",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SKILL, Kind.AGENT, Kind.COMMAND}),
    check=_check,
    source="https://code.claude.com/docs/en/model-config",
    as_of="2026-11-21",
    hint="Use an alias such as `sonnet`, or the model's whole id.",
    products=("claude-code",),
)
