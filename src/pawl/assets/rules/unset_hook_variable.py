"""A hook reads a variable of the environment that its product never sets.

Bad: `echo "$CLAUDE_TOOL_INPUT" | jq …`, `prettier --write $CLAUDE_FILE_PATHS`, `$TOOL_NAME`. It is
empty, the hook looks at nothing, and a guard lets everything pass.

Instead: read standard input, on which the product writes JSON: `jq -r '.tool_input.file_path'`.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import commands_in, hook_uses, texts_of, words_in
from pawl.assets.known import hook_events
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_VARIABLE = regex(r"\$(?:([A-Z][A-Z0-9_]{2,60})\b|\{([A-Z][A-Z0-9_]{2,60})(:?[-=+?][^}]{0,60})?\})")
_SETS = frozenset({"read", "export", "local", "declare", "readarray", "mapfile", "typeset"})


def _check(assets: Assets) -> Iterator[Hit]:
    env = {each.path: each.config.table("env") for each in assets.settings}
    for use in hook_uses(assets):
        known = hook_events().products.get(use.asset.product)
        if known is None or not known.unset or not use.is_shell:
            continue
        given = env.get(use.asset.path, {})
        for path, text in texts_of(assets, use):
            for name in _unset(text, known.unset):
                if name in given:
                    continue
                yield Hit(
                    path=use.asset.path,
                    line=use.hook.line,
                    message=(
                        f"{path or 'The command'} reads `${name}`, which is never set; standard "
                        f"input has it as `{known.unset[name]}`."
                    ),
                    subject=f"{use.hook.event} {path} {name}",
                    trail=(use.asset.path, path) if path else (),
                )


def _unset(text: str, unset: dict[str, str]) -> Iterator[str]:
    """Yield the variables that a shell text reads and nobody sets, each once."""
    if not any(name in text for name in unset):
        return
    used: dict[str, None] = {}
    own: set[str] = set()
    for simple in commands_in(text):
        own |= {name for name, _ in simple.assigns}
        words = [word.text for word in simple.words]
        if words[:1] and words[0] in _SETS:
            own |= {word.partition("=")[0] for word in words[1:]}
    for word in words_in(text):
        for match in _VARIABLE.finditer(word[:4000]):
            default = (match[3] or "").lstrip(":")
            if len(default) < 2 or default[0] not in "-=":
                used[match[1] or match[2]] = None
    yield from (name for name in used if name in unset and name not in own)


RULE = Rule(
    title="A hook reads a variable that is never set",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Read standard input, as in `jq -r '.tool_input.file_path'`.",
    products=("claude-code",),
)
