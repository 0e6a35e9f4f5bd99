"""Judge one permission rule of an agent: how wide it is, and whether it guards secrets.

A rule is wide when it lets the agent run any program, reach any host or write anywhere. A rule
for one program that itself runs any other (a shell, an interpreter, `sudo`, `xargs`) is as wide.
Grammars as observed with Claude Code 2.1.329 and as the other products' manuals state them
(read 2026-11).
"""

import re

import msgspec

from pawl.base.patterns import regex

_CLAUDE = regex(r"\s*([A-Za-z_*][\w.*-]{0,120})\s*(?:\((.{0,400})\))?\s*", re.DOTALL)
_RUNS = frozenset({"bash", "shell", "run_shell_command", "shelltool", "powershell", "execute"})
_REACHES = frozenset({"webfetch", "web_fetch", "fetch"})
_WRITES = frozenset({"write", "edit", "multiedit", "notebookedit", "write_file", "replace"})
_READS = frozenset({"read", "read_file", "read_many_files"})
_ANY_PROGRAM = frozenset(
    {
        "bash", "sh", "zsh", "fish", "dash", "ksh", "pwsh", "powershell", "sudo", "su", "doas",
        "env", "xargs", "eval", "exec", "nohup", "ssh", "python", "python3", "node", "deno", "bun",
        "ruby", "perl", "php", "osascript", "npx", "bunx", "uvx", "pipx",
    }
)  # fmt: skip
"""Programs that run whatever they are given."""
_SECRET = regex(
    r"(?i)\.env\b|\benv\b\*|secret|credential|\.pem\b|\.key\b|\.p12\b|\.pfx\b|id_(?:rsa|ed25519)"
    r"|\.ssh\b|\.aws\b|\.gnupg\b|\.kube\b|\.npmrc\b|\.netrc\b|\.pypirc\b|vault|private[_-]?key"
    r"|\btokens?\b|password"
)
_SECRET_VARIABLE = regex(r"(?i)key|secret|token|passw|credential|aws_|azure_|gcp_|github_")


class Judged(msgspec.Struct, frozen=True):
    """What a rule comes to. `wide` says why it is, None when it is narrow.

    `unbound` says that with it any program runs, so that a rule about files can be walked around.
    `secret` says that it names a place of secrets for the tool that reads files.
    """

    wide: str | None = None
    unbound: bool = False
    secret: bool = False


def judge_rule(text: str) -> Judged:
    """Return what a rule such as `Bash(npm run build)` comes to."""
    match = _CLAUDE.fullmatch(text[:600])
    if match is None:
        return Judged()
    return judge_tool(match[1], match[2])


def judge_tool(tool: str, pattern: str | None) -> Judged:
    """Return what a tool comes to with a pattern for what it is given; None is any."""
    name = tool.lower()
    given = "" if pattern is None else pattern.strip()
    bare = not given or not given.strip("*:/. ")
    if name == "*" or name.startswith(("mcp__*", "mcp_*")):
        return Judged("it allows every tool", unbound=name == "*", secret=name == "*")
    if name in _RUNS:
        whole = re.split(r"[\s:]", given, maxsplit=1)[0]
        first = whole.rpartition("/")[2]
        if bare or whole.strip("*") == "":
            return Judged("it allows any command", unbound=True)
        open_ended = "*" in given
        if open_ended and first.rstrip("*").lower() in _ANY_PROGRAM:
            return Judged(f"`{first}` runs any other program", unbound=True)
        return Judged()
    if name in _REACHES and (bare or given.removeprefix("domain:").strip("*. ") == ""):
        return Judged("it allows any address")
    if name in _WRITES and given.startswith(("//", "~")) and given.rstrip("*/~ ") == "":
        return Judged("it allows writing anywhere")
    return Judged(secret=name in _READS and (bare or bool(_SECRET.search(given))))


def is_secret_variable(pattern: str) -> bool:
    """Say whether a pattern of environment variables, such as `*_TOKEN`, names secrets."""
    return bool(_SECRET_VARIABLE.search(pattern))
