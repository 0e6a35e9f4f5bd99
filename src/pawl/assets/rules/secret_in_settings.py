"""A secret is written down in settings.

Bad: `"env": {"GITHUB_TOKEN": "ghp_…"}` in a repository's settings. Everybody with the repository
has it, every subprocess of the agent sees it, and history keeps it when the line is gone.

Instead: revoke it, and let each machine bring its own: an `apiKeyHelper`, a secret store, or the
environment the agent is started in.
"""

from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.credentials import judge
from pawl.assets.json_text import Config
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

MAX_VALUES = 5000
MAX_DEPTH = 12
_ELSEWHERE = frozenset({"mcpServers", "mcp_servers", "mcp"})


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        for path, value in _texts(file.config):
            name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
            if judge(name, value) == "secret":
                yield Hit(
                    path=file.path,
                    line=file.config.line(*path),
                    message=f"`{'.'.join(map(str, path))[:120]}` holds a secret.",
                    subject=".".join(map(str, path)),
                )


def _texts(config: Config) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the texts of a file with their places; servers are looked at by another rule."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), config.value)]
    left = MAX_VALUES
    while waiting and left:
        left -= 1
        path, value = waiting.pop(0)
        if isinstance(value, str) and path:
            yield path, value
        elif len(path) < MAX_DEPTH and isinstance(value, dict):
            held = [(str(key), each) for key, each in value.items()]
            waiting += [((*path, key), each) for key, each in held if path or key not in _ELSEWHERE]
        elif len(path) < MAX_DEPTH and isinstance(value, list):
            waiting += [((*path, at), each) for at, each in enumerate(value)]


RULE = Rule(
    title="A secret is written down in settings",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/settings",
    as_of="2026-11-21",
    hint="Revoke it, and let each machine bring its own.",
)
