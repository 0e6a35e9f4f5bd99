"""The model may begin by itself what nobody can take back.

Bad: a skill `deploy` whose description says "Deploys to production", without
`disable-model-invocation`. A sentence in an issue that sounds like a deployment is enough for the
model to begin one. A list of `allowed-tools` is no help: it takes nothing away, and only stops
questions.

Instead: `disable-model-invocation: true`, so that a person types its name.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.documented import bare, begins, said_in
from pawl.assets.judgement import acts
from pawl.assets.pages import Page
from pawl.assets.profiles import is_claude
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_WORD = regex(r"[a-z]{2,40}")
_PARTS = regex(r"[-_\s.:/]+")


def _check(assets: Assets) -> Iterator[Hit]:
    for page in (*assets.skills, *assets.commands):
        if page.front.state not in ("read", "absent") or not is_claude(page):
            continue
        if page.front.values.get("disable-model-invocation") is True:
            continue
        verb = _act(page.name)
        done = None if verb is None else _does(page, verb)
        if done is not None:
            what = "skill" if page.asset.kind is Kind.SKILL else "command"
            yield Hit(
                path=page.path,
                line=page.front.line("name"),
                message=f"The model may call this {what} by itself, and it {done}.",
                subject=page.name[:100],
            )


def _act(name: str) -> str | None:
    """Return the irreversible act that a name begins or ends with, unless it only speaks of one."""
    parts = [part for part in _PARTS.split(name[:100].lower()) if part]
    if not parts or not set(parts).isdisjoint(acts().harmless):
        return None
    return next((part for part in (parts[0], parts[-1]) if part in acts().verbs), None)


def _does(page: Page, verb: str) -> str | None:
    """Return what a page says that it does, where its description or its commands say so."""
    first = _WORD.match(page.description.strip().lower())
    if first is not None and first[0].rstrip("s") in (verb, verb.rstrip("s")):
        return f"says of itself that it {verb}s"
    for said in said_in(page):
        known = begins(bare(said.words), acts().commands)
        if known is not None and "--dry-run" not in said.words:
            return f"runs `{known}`"
    return None


RULE = Rule(
    title="The model may call by itself what nobody can take back",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SKILL, Kind.COMMAND}),
    check=_check,
    source="https://code.claude.com/docs/en/skills",
    as_of="2026-11-21",
    hint="Set `disable-model-invocation: true`.",
    products=("claude-code",),
)
