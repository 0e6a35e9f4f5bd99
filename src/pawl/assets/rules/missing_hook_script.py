"""A hook runs a script that is not there, or one that may not be run.

Bad: `"command": "$CLAUDE_PROJECT_DIR/.claude/hooks/guard.sh"` without such a file, or with one that
is not executable. The shell ends with 127 or 126, and every status but 2 lets the call through: the
gate is off, and a line on stderr is all that tells. In a plugin a relative path is looked up in the
user's project and not in the plugin.

Instead: mend the path, `chmod +x` the script (`git update-index --chmod=+x`), or hand it to its
interpreter. In a plugin write `${CLAUDE_PLUGIN_ROOT}/…`.
"""

import posixpath
from collections.abc import Iterator

import msgspec

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import HookUse, Script, hook_uses, scripts_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        for script in scripts_of(use):
            why = _wrong(assets, use, _found(assets, use, script))
            if why is not None:
                yield Hit(
                    path=use.asset.path,
                    line=use.hook.line,
                    message=f"The hook's script `{script.written[:80]}` {why}.",
                    subject=f"{use.hook.event} {script.path}",
                )


def _found(assets: Assets, use: HookUse, script: Script) -> Script:
    """Return a script as the skill's own where it is not at the root and stands there."""
    if use.beside is None or not script.of_cwd or assets.exists(script.path):
        return script
    own = posixpath.normpath(posixpath.join(use.beside, script.written))
    return msgspec.structs.replace(script, path=own, of_cwd=False) if assets.exists(own) else script


def _wrong(assets: Assets, use: HookUse, script: Script) -> str | None:
    entry = assets.entries.get(script.path)
    if use.of_plugin and script.of_cwd:
        # Anything may lie in the user's project; what lies in the plugin was meant.
        return None if entry is None else "is looked up in the user's project, not in the plugin"
    if entry is None:
        return None if script.asked or assets.exists(script.path) else "is not there"
    if script.direct and not entry.executable and entry.target is None:
        return "may not be run: it is not executable"
    return None


RULE = Rule(
    title="A hook runs a script that is not there or may not be run",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Mend the path, or make the script executable.",
)
