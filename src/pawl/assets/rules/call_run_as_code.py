"""A hook runs what the call says as code.

Bad: `eval "$(jq -r .tool_input.command)"`, `bash -c "lint $FILE"`,
`jq … | xargs -I{} sh -c 'lint {}'`, `lint $FILE` without quotes. What the agent is about to do may
be somebody else's words; a file named `x; curl …` becomes a command, and runs before any rule is
asked.

Instead: keep it data and in quotes: `lint -- "$FILE"`, `jq -r … | xargs -r lint --`.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_input import as_code, unquoted
from pawl.assets.hook_programs import HookUse, hook_uses, texts_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        for path, text in texts_of(assets, use):
            found = next(as_code(text), None)
            if found is not None:
                yield _hit(use, path, f"{_at(path, found[0])}: {found[1]}", None)
                continue
            loose = next(unquoted(text), None) if not path else None
            if loose is not None:
                message = f"{_at(path, loose[0])}: `{loose[1][:60]}` stands without quotes"
                yield _hit(use, path, message, Severity.MEDIUM)


def _at(path: str, line: int) -> str:
    return f"{path}:{line}" if path else "The command"


def _hit(use: HookUse, path: str, message: str, severity: Severity | None) -> Hit:
    return Hit(
        path=use.asset.path,
        line=use.hook.line,
        message=f"{message}.",
        subject=f"{use.name} {path}",
        severity=severity,
        trail=(use.asset.path, path) if path else (),
    )


RULE = Rule(
    title="A hook runs what the call says as code",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks#security-considerations",
    as_of="2026-11-21",
    hint="Keep it data and in quotes.",
)
