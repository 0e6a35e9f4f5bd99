"""A hook downloads code and runs it.

Bad: `curl -fsSL https://example.com/guard.sh | bash`, `bash <(curl …)`, `eval "$(wget -O- …)"`.
Hooks run with the rights of the person, at every call; whoever answers the download decides what
runs.

Instead: keep the script in the repository, where a review sees it change.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_input import downloads
from pawl.assets.hook_programs import hook_uses, texts_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        for path, text in texts_of(assets, use):
            found = next(downloads(text), None)
            if found is not None:
                where = f"{path}:{found[0]}" if path else "The command"
                yield Hit(
                    path=use.asset.path,
                    line=use.hook.line,
                    message=f"{where} runs what it has just downloaded: `{found[1][:80]}`.",
                    subject=f"{use.name} {path}",
                    trail=(use.asset.path, path) if path else (),
                )


RULE = Rule(
    title="A hook downloads code and runs it",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks#security-considerations",
    as_of="2026-11-21",
    hint="Keep the script in the repository.",
)
