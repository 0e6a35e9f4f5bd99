"""One person's settings are kept in the repository for everybody.

Bad: `.claude/settings.local.json` is in the tree and no `.gitignore` keeps it out. It holds what
one person answered "always" to on one machine, and it outranks the settings that the team agreed
on.

Instead: `git rm --cached` it, name it in `.gitignore`, and move what everybody needs to
`settings.json`.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if not file.is_shared and not _kept_out(assets, file.path):
            yield Hit(
                path=file.path,
                line=1,
                message="One person's settings are in the repository for everybody.",
                subject="file",
            )


def _kept_out(assets: Assets, path: str) -> bool:
    """Say whether a `.gitignore` on the way names the file: a copy of one machine, not shared."""
    # Imported here: few trees hold such a file.
    from pathspec import GitIgnoreSpec

    parts = path.split("/")
    for depth in range(len(parts)):
        folder = "/".join(parts[:depth])
        text = assets.text(f"{folder}/.gitignore" if folder else ".gitignore")
        if text is None:
            continue
        try:
            spec = GitIgnoreSpec.from_lines(text.splitlines()[:5000])
        except ValueError:
            continue  # A line that git does not read either.
        if spec.match_file("/".join(parts[depth:])):
            return True
    return False


RULE = Rule(
    title="One person's settings are shared",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/settings",
    as_of="2026-11-21",
    hint="Take it out of the repository and name it in .gitignore.",
)
