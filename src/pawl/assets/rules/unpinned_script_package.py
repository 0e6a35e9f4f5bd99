"""A script of a skill runs a package without an exact version.

Bad: `npx -y some-tool`, `uvx some-tool`. Whoever publishes the package next runs code on every
machine where the skill is used, and the skill of yesterday does something else today.

Instead: `npx -y some-tool@1.4.2`, or a package that the project's own manifest pins.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.documented import bare
from pawl.assets.rule import Hit, Rule
from pawl.assets.targets import packages
from pawl.base.finding import Confidence, Severity
from pawl.parsing.ci.commands import program
from pawl.parsing.pinning import pin_of
from pawl.parsing.shell_status import simples
from pawl.parsing.shell_tree import parse
from pawl.parsing.shell_words import Unreadable

_RUNNERS = frozenset({"npx", "bunx", "pnpx", "uvx", "pipx"})
_LOCAL = frozenset({"--no-install", "--no", "--offline"})


def _check(assets: Assets) -> Iterator[Hit]:
    own: frozenset[str] | None = None
    for script in assets.scripts:
        text = None if script.path.endswith(".py") else assets.text(script.path)
        if text is None or not any(name in text for name in _RUNNERS):
            continue
        try:
            commands = list(simples(parse(text)))
        except Unreadable:
            continue
        for simple in commands:
            words = tuple(word.text for word in simple.words)
            if not words or program(words[0]) not in _RUNNERS or _LOCAL & set(words):
                continue
            if words[0] == "pipx" and words[1:2] != ("run",):
                continue
            pin = pin_of(words)
            if pin.unpinned is None or "$" in pin.unpinned:
                continue
            own = packages(assets.whole) if own is None else own
            if own.isdisjoint(bare(words)[:1]):
                yield Hit(
                    path=script.path,
                    line=simple.line,
                    message=f"It runs a package that is not pinned: {pin.unpinned}.",
                    subject=" ".join(words)[:200],
                )


RULE = Rule(
    title="A script of a skill runs a package without an exact version",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://agentskills.io/skill-creation/using-scripts",
    as_of="2026-11-21",
    hint="Name an exact version.",
)
