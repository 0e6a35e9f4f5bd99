"""How wide a permission rule is: whether it lets any code run, and which other rules it covers."""

from collections.abc import Iterable
from functools import cache, lru_cache

from pawl.assets.known import permission_tools
from pawl.assets.settings import Permission
from pawl.parsing.ci.commands import program

_SHELLS = frozenset({"Bash", "PowerShell", "run_shell_command", "ShellTool"})
_PREFIXES = frozenset({"run_shell_command", "ShellTool"})
"""Tools whose rules are beginnings of commands, with no star at the end."""
_CODE = frozenset({"-c", "-e", "-p", "-", "--eval", "--print", "-Command", "-r"})
_IDLE = frozenset({"--check", "--version", "-V", "-v", "--help", "-h", "--test"})
_ANY = frozenset({"", "*", "**", ":*", "./**", "//**", "/**"})
MAX_WORDS = 40


_ANOTHER = "runs any other program"


def reads_anything(rule: Permission) -> bool:
    """Say whether a rule lets any file be read without more ado: any command, or any code.

    What runs a program that was named before could be made to, and is no way that one takes.
    """
    why = any_code(rule)
    return why is not None and not why.endswith(_ANOTHER)


@lru_cache(maxsize=4096)
def any_code(rule: Permission) -> str | None:
    """Return why a rule lets any code run, or None for one that does not."""
    if rule.tool == "*" and rule.pattern is None:
        return "it is every tool"
    if rule.tool not in _SHELLS:
        return None
    pattern = "" if rule.pattern is None else rule.pattern.strip()
    if pattern in _ANY:
        return "it is any command"
    if rule.tool in _PREFIXES and not pattern.endswith("*"):
        pattern += " *"
    pattern = pattern.removesuffix(":*") + " *" if pattern.endswith(":*") else pattern
    return _of_words(tuple(pattern.split()[:MAX_WORDS])) if "*" in pattern else None


def _of_words(words: tuple[str, ...]) -> str | None:
    known = permission_tools()
    while words and ("=" in words[0] and not words[0].startswith("-")):
        words = words[1:]
    if not words:
        return None
    first = words[0].rstrip("*")
    opened = first != words[0]
    if not first:
        return "it is any command"
    if program(first) not in _firsts():
        return None
    if program(first) in known.interpreters:
        return _of_interpreter(program(first), words[1:], opened)
    for length in (3, 2, 1):
        runner = " ".join((program(first), *words[1:length])).rstrip("*")
        if len(words) < length or runner not in known.runners:
            continue
        rest = words[length:]
        if rest and runner in known.takes_name and not rest[0].startswith("-"):
            rest = rest[1:] or ("*",)
        while rest and rest[0].startswith("-") and "*" not in rest[0]:
            rest = rest[1:]
        ends = words[length - 1].endswith("*")
        if ends or rest[:1] in (("*",), ("**",)):
            return f"`{runner}` {_ANOTHER}"
        return _of_words(rest) if rest else None
    inner = [each for each in known.runners if each.startswith(f"{program(first)} ")]
    if inner and (opened or words[1:2] in (("*",), ("**",))):
        return f"`{inner[0]}` {_ANOTHER}"
    return None


@cache
def _firsts() -> frozenset[str]:
    """Return the first words of all that runs something else."""
    known = permission_tools()
    return frozenset((*known.interpreters, *(each.split()[0] for each in known.runners)))


def _of_interpreter(name: str, rest: tuple[str, ...], opened: bool) -> str | None:
    why = f"`{name}` runs any code"
    if opened and not rest:
        return why
    rest = rest[1:] if name in ("deno", "bun") and rest[:1] == ("run",) else rest
    for at, word in enumerate(rest):
        if word in _CODE or word.startswith("*"):
            return why if any("*" in each for each in rest[at:]) else None
        if word in _IDLE:
            return None
        if word == "-m":
            return why if rest[at + 1 : at + 2] == ("*",) else None
        if not word.startswith("-"):
            return None  # A certain script, or a subcommand.
    return None


Cover = dict[tuple[str, str], Permission]


def cover_of(rules: Iterable[Permission]) -> Cover:
    """Return rules so that those that cover another one are found at once."""
    found: Cover = {}
    for rule in rules:
        found.setdefault((rule.tool, _plain(rule)), rule)
    return found


def covering(cover: Cover, narrow: Permission) -> Permission | None:
    """Return a rule that matches everything that another one matches, as far as is certain."""
    under = _plain(narrow)
    asked = ["", "*", " *", under]
    if narrow.tool in _SHELLS:
        words = under.split()[:MAX_WORDS]
        heads = (words[:length] for length in range(1, len(words) + 1))
        asked += [f"{' '.join(head)} *" for head in heads if "*" not in "".join(head)]
    return next((rule for each in asked if (rule := cover.get((narrow.tool, each)))), None)


def _plain(rule: Permission) -> str:
    pattern = " ".join((rule.pattern or "").split())
    return pattern.removesuffix(":*") + " *" if pattern.endswith(":*") else pattern
