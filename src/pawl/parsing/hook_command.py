"""Judge the command of a hook: does it do anything, and can it refuse a call.

A hook refuses by ending with status 2 or by printing a decision; every other status lets the
call through (observed with Claude Code 2.1.329). A command that only prints, or hides the failure
of everything it runs, is hollow.
"""

from pawl.base.patterns import regex
from pawl.parsing.ci.commands import program
from pawl.parsing.shell_fate import Shell, fates
from pawl.parsing.shell_words import Unreadable

IDLE = frozenset(
    {"true", ":", "echo", "printf", "exit", "sleep", "pwd", "date", "cat", "env", "return", "set"}
)
"""Programs that decide nothing."""
_REFUSES = regex(
    r"\bexit\s*\(?\s*[\"']?(?:2\b|\$)|\bexitCode\s*=\s*2\b|SystemExit\(\s*2"
    r"|[\"'](?:deny|block|denied)\\?[\"']|[\"']continue\\?[\"']\s*:\s*false"
)
_SCRIPT = regex(
    r"(?:\$\{?(?:CLAUDE_PROJECT_DIR|GEMINI_PROJECT_DIR)\}?[\"']?/|\./)?"
    r"((?:[\w.@+-]{1,80}/){1,8}[\w.@+-]{1,80}\.(?:sh|bash|ps1|py|js|mjs|cjs|ts|rb|pl))\b"
)
MAX_COMMAND = 4000


def hollow_command(command: str) -> str | None:
    """Return why a shell text does nothing that could refuse a call, or None when it might."""
    text = command.strip()[:MAX_COMMAND]
    if not text:
        return "it runs nothing"
    if _REFUSES.search(text):
        return None
    try:
        ran = fates(text, Shell(errexit=False, pipefail=False))
    except Unreadable:
        return None
    working = [each for each in ran if each.words and program(each.words[0]) not in IDLE]
    if not working:
        return f"it only runs `{text[:40]}`"
    hidden = [each.swallowed for each in working]
    return hidden[-1] if all(hidden) else None


def hollow_script(path: str, text: str) -> str | None:
    """Return why a hook's script cannot refuse a call, or None when it might."""
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    if not bare.strip():
        return "it is empty"
    if _REFUSES.search(bare):
        return None
    if path.endswith((".sh", ".bash")) or "." not in path.rpartition("/")[2]:
        return hollow_command(bare)
    return "it never ends with status 2 and decides nothing"


def script_of(command: str) -> str | None:
    """Return the repository's script that a hook's command runs, or None."""
    match = _SCRIPT.search(command[:MAX_COMMAND])
    absolute = match is not None and command[: match.start()].endswith(("/", "~"))
    return None if match is None or absolute else match[1]
