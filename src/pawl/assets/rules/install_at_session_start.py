"""A hook installs packages whenever a session starts.

Bad: `npm install` or `pip install -r requirements.txt` on `SessionStart`. The scripts of every
package run before anybody was asked, also in a headless run on a branch that nobody has looked at.

Instead: leave installing to the person or the pipeline; where a session in the cloud needs it, look
at `$CLAUDE_CODE_REMOTE` first, and install from a lock file without scripts.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import commands_in, hook_uses, texts_of, words_run
from pawl.assets.known import hook_events
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.ci.commands import program


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        if use.hook.event != "SessionStart":
            continue
        for path, text in texts_of(assets, use):
            if "CLAUDE_CODE_REMOTE" in text or "CLAUDE_CODE_REMOTE" in use.hook.command:
                continue
            found = next(_installs(text), None)
            if found is not None:
                yield Hit(
                    path=use.asset.path,
                    line=use.hook.line,
                    message=f"{path or 'The command'} installs packages: `{found[:80]}`.",
                    subject=f"{use.name} {path}",
                    trail=(use.asset.path, path) if path else (),
                )


def _installs(text: str) -> Iterator[str]:
    known = hook_events()
    for simple in commands_in(text):
        words = words_run(simple)
        if not words or program(words[0]) not in known.installers:
            continue
        plain = [each for each in words[1:] if not each.startswith("-")]
        does = known.installers[program(words[0])]
        if not plain or plain[0] not in does or set(known.harmless) & set(words):
            continue
        if plain[0] in ("pip", "tool") and plain[1:2] != ["install"]:
            continue
        yield " ".join(words)


RULE = Rule(
    title="A hook installs packages when a session starts",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Leave installing to the person or the pipeline.",
)
