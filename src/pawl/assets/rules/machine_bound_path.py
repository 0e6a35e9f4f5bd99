"""A shared hook or server names a program in one person's home.

Bad: `"command": "/Users/ada/.local/bin/guard"` in a repository's settings, `C:/Users/ada/x.exe` in
a plugin's hooks, `/home/ada/venv/bin/python` in `.mcp.json`. On every other machine it is missing:
a guard that lets everything pass, a server without tools.

Instead: keep the program in the repository (`$CLAUDE_PROJECT_DIR/…`), or call what everybody
installs by its name.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS, Kind
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import HookUse, hook_uses, words_in
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_HOME = regex(
    r"(?:/(?:home|Users)/(?!runner/|vscode/|node/|[Ss]hared/)[^/\s\"'$*]{1,60}"
    r"|[A-Za-z]:[\\/]{1,2}Users[\\/]{1,2}(?!Public\b)[^\\/\s\"'$%*]{1,60})"
    r"[\\/][^\s\"']{1,300}"
)


def _check(assets: Assets) -> Iterator[Hit]:
    personal = {each.path for each in assets.settings if not each.is_shared}
    for use in hook_uses(assets):
        found = None if use.asset.path in personal else _in_home(_words(use))
        if found is not None:
            called = f"The hook on {use.hook.event[:40]}"
            yield _hit(use.asset.path, use.hook.line, called, found, use.name)
    for server in assets.all_servers:
        found = None if server.path in personal else _in_home(server.words)
        if found is not None and server.values.get("disabled") is not True:
            called = f"The server {server.name[:60]}"
            yield _hit(server.path, server.line, called, found, server.name)


def _words(use: HookUse) -> tuple[str, ...]:
    arguments = use.hook.values.get("args")
    given = (
        [each for each in arguments[:40] if isinstance(each, str)]
        if isinstance(arguments, list)
        else []
    )
    told = use.is_shell and ("/home/" in use.hook.command or "Users" in use.hook.command)
    written = words_in(use.hook.command) if told else ()
    return (use.hook.command, *written, *given)


def _in_home(words: tuple[str, ...]) -> str | None:
    """Return the first file in a person's home that a command starts with or is handed."""
    for word in words:
        match = _HOME.match(word[:600])
        if match is not None:
            return match[0]
    return None


def _hit(path: str, line: int | None, who: str, found: str, subject: str) -> Hit:
    return Hit(
        path=path,
        line=line,
        message=f"{who} names `{found[:80]}`, which is in one person's home.",
        subject=subject,
    )


RULE = Rule(
    title="A shared hook or server lives in one person's home",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS | {Kind.MCP},
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Keep the program in the repository, or call it by its name.",
)
