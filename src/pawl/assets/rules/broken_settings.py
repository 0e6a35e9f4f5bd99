"""A file of settings does not parse, so that nothing in it holds.

Bad: a comma after the last entry of `.claude/settings.json`, a comment in it, a list where the map
of settings should be. The product passes over the whole file, the rules that deny included, and the
session goes on.

Instead: mend the file; let an editor check it against the product's schema.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    found = [(each.asset, each.config) for each in assets.settings]
    for asset, config in (*found, *assets.hook_files):
        if config.problem:
            why = config.problem
        elif not isinstance(config.value, dict):
            why = "it holds no map of names and values"
        else:
            continue
        yield Hit(
            path=asset.path,
            line=config.problem_line or 1,
            message=f"Nothing in this file holds: {why}.",
            subject="file",
        )


RULE = Rule(
    title="A file of settings does not parse",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS, Kind.HOOKS}),
    check=_check,
    source="https://code.claude.com/docs/en/settings",
    as_of="2026-11-21",
    hint="Mend the file at this place.",
)
