"""Say of each linter's configuration how many rules it leaves on, and whether it was emptied.

A rule or rule group that a file switches on by name counts as one; a tool's own default set, or
an inherited preset, counts as one group. So the number is not comparable between tools: it tells
an emptied configuration from a kept one. Defaults are those of the tools' manuals (read 2026-11).
"""

import re
from typing import Any

import msgspec

from pawl.base.patterns import regex
from pawl.parsing.config_text import table, words
from pawl.parsing.lexing import lex


class LintRules(msgspec.Struct, frozen=True, kw_only=True):
    """One linter's configuration in one file.

    `rules` are the rules and groups on, `off` those switched off by name. `emptied` says why
    nothing is left to find, None where something is.
    """

    tool: str
    rules: int
    off: int = 0
    emptied: str | None = None


_EVERYTHING = frozenset({"*", "**", "**/*", ".", "./", "/", ".*", "^.*$", "^.*", "^"})


def _judged(
    tool: str, on: int, off: int, excluded: tuple[str, ...] = (), why: str = ""
) -> LintRules:
    if why:
        return LintRules(tool=tool, rules=0, off=off, emptied=why)
    if not _EVERYTHING.isdisjoint(excluded):
        return LintRules(tool=tool, rules=0, off=off, emptied="every file is excluded")
    if on <= 0:
        return LintRules(tool=tool, rules=0, off=off, emptied="no rule is left on")
    return LintRules(tool=tool, rules=on, off=off)


def ruff(config: dict[str, Any]) -> LintRules:
    """Ruff: `select` or its default, `extend-select`, `ignore`, `per-file-ignores`, `exclude`."""
    lint = {**config, **table(config, "lint")}
    selected = words(lint["select"]) if "select" in lint else ("E4", "E7", "E9", "F")
    selected += words(lint.get("extend-select"))
    ignored = words(lint.get("ignore")) + words(lint.get("extend-ignore"))
    everywhere = [
        rule
        for pattern, rules in table(lint, "per-file-ignores").items()
        if pattern in _EVERYTHING or pattern == "*.py"
        for rule in words(rules)
    ]
    off = set(ignored) | set(everywhere)
    kept = {rule for rule in selected if not _covered(rule, off)}
    return _judged("ruff", len(kept), len(off), words(lint.get("exclude")))


def _covered(rule: str, off: set[str]) -> bool:
    """Say whether a selector is taken back by one that is as wide or wider."""
    return "ALL" in off or (rule != "ALL" and any(rule.startswith(each) for each in off if each))


def flake8(section: dict[str, str]) -> LintRules:
    """flake8: `select` or its default, `ignore`, `exclude`, `per-file-ignores`."""
    selected = words(section["select"]) if "select" in section else ("C90", "E", "F", "W")
    selected += words(section.get("extend-select"))
    off = set(words(section.get("ignore")) + words(section.get("extend-ignore")))
    kept = {rule for rule in selected if not _covered(rule, off)}
    return _judged("flake8", len(kept), len(off), words(section.get("exclude")))


def pylint(sections: dict[str, Any]) -> LintRules:
    """Pylint: `disable`, `enable`, `ignore-patterns`, `ignore-paths`; the default is one group."""
    flat: dict[str, Any] = {}
    for name, section in sections.items():
        flat |= section if isinstance(section, dict) else {name: section}
    flat = {str(key).replace("_", "-").lower(): value for key, value in flat.items()}
    disabled, enabled = words(flat.get("disable")), words(flat.get("enable"))
    categories = {"C", "R", "W", "E", "F"}
    all_off = "all" in disabled or categories <= set(disabled)
    on = len(enabled) + (0 if all_off else 1)
    paths = words(flat.get("ignore-paths")) + words(flat.get("ignore-patterns"))
    return _judged("pylint", on, len(disabled), paths)


def eslint(config: Any) -> LintRules:
    """ESLint's JSON or YAML form: `rules` above `off`, presets it `extends`, `ignorePatterns`."""
    on = off = 0
    for rule in table(config, "rules").values():
        level = rule[0] if isinstance(rule, list) and rule else rule
        if level in ("off", 0, "0"):
            off += 1
        else:
            on += 1
    extends = config.get("extends") if isinstance(config, dict) else None
    ignored = words(config.get("ignorePatterns")) if isinstance(config, dict) else ()
    return _judged("eslint", on + len(words(extends)), off, ignored)


_SCRIPT_RULE = regex(
    r"[\"']?([\w@/-]{1,80})[\"']?\s*:\s*\[?\s*(?:[\"'](off|warn|error)[\"']|([012])\b)"
)
_SCRIPT_PRESET = regex(
    r"\.configs\b|\bextends\s*:|\bcompat\.extends\(|\.\.\.\s*\w+(?:\.\w+)+|\w+\(\s*\{"
)
_SCRIPT_IGNORES_ALL = regex(r"\bignore(?:s|Patterns)\s*:\s*\[\s*[\"'](?:\*\*/?\*?|\*|\.)[\"']")


def eslint_script(text: str) -> LintRules:
    """ESLint's configuration as a program: rules and presets as far as its text shows them."""
    lexed = lex(text, "javascript")
    bare = list(text)
    for offset, comment in lexed.comments:
        bare[offset : offset + len(comment)] = " " * len(comment)
    code = "".join(bare)
    levels = [match[2] or match[3] for match in _SCRIPT_RULE.finditer(code)]
    off = sum(level in ("off", "0") for level in levels)
    presets = sum(1 for _ in _SCRIPT_PRESET.finditer(code))
    ignored = ("**",) if _SCRIPT_IGNORES_ALL.search(code) else ()
    return _judged("eslint", len(levels) - off + presets, off, ignored)


def golangci(config: Any) -> LintRules:
    """golangci-lint: its standard set, `enable`, `enable-all`, `disable-all`, `default: none`."""
    linters = table(config, "linters")
    default = linters.get("default", "standard")
    enabled, disabled = words(linters.get("enable")), set(words(linters.get("disable")))
    standard = {"errcheck", "govet", "ineffassign", "staticcheck", "unused"}
    if linters.get("disable-all") is True or default == "none":
        standard = set()
    on = len((standard | set(enabled)) - disabled)
    on += linters.get("enable-all") is True or default in ("all", "fast")
    why = "tests of issues end with status 0" if _exits_zero(config) else ""
    paths = words(table(config, "linters", "exclusions").get("paths"))
    paths += words(table(config, "issues").get("exclude-dirs"))
    return _judged("golangci-lint", on, len(disabled), paths, why)


def _exits_zero(config: Any) -> bool:
    return table(config, "run").get("issues-exit-code") == 0


def clippy(lints: dict[str, Any]) -> LintRules:
    """Clippy in `Cargo.toml`: its default is one group; `all = "allow"` empties it."""
    levels = {
        name: value.get("level") if isinstance(value, dict) else value
        for name, value in table(lints, "clippy").items()
    }
    off = sum(level == "allow" for level in levels.values())
    named = sum(level in ("warn", "deny", "forbid") for level in levels.values())
    default = 0 if levels.get("all") == "allow" else 1
    return _judged("clippy", named + default, off)


def rubocop(config: Any) -> LintRules:
    """RuboCop: its default is one group unless disabled; cops by `Enabled`; `Exclude`."""
    everything = table(config, "AllCops")
    default = 0 if everything.get("DisabledByDefault") is True else 1
    on = off = 0
    for name, cop in config.items() if isinstance(config, dict) else ():
        if name != "AllCops" and isinstance(cop, dict):
            off += cop.get("Enabled") is False
            on += cop.get("Enabled") is not False and "/" in str(name)
    return _judged("rubocop", on + default, off, words(everything.get("Exclude")))


def biome(config: Any) -> LintRules:
    """Biome: `linter.enabled`, the recommended group, rules by name."""
    linter = table(config, "linter")
    if linter.get("enabled") is False:
        return _judged("biome", 0, 0, why="the linter is switched off")
    rules = table(linter, "rules")
    on = 0 if rules.get("recommended") is False else 1
    off = 0
    for group in rules.values():
        for rule in group.values() if isinstance(group, dict) else ():
            level = rule.get("level") if isinstance(rule, dict) else rule
            off += level == "off"
            on += level not in ("off", False)
    return _judged("biome", on, off, words(table(config, "files").get("ignore")))


def clang_tidy(config: Any) -> LintRules:
    """clang-tidy: the globs of `Checks`, in their order; `-*` clears those before it."""
    checks = config.get("Checks") if isinstance(config, dict) else None
    on, off = (1, 0) if checks is None else (0, 0)
    for check in words(checks):
        if check == "-*":
            on = 0
        elif check.startswith("-"):
            off += 1
        else:
            on += 1
    return _judged("clang-tidy", on, off)


def pre_commit(config: Any) -> LintRules:
    """pre-commit: every hook counts as one; a hook that runs `true` or only by hand does not."""
    on = off = 0
    repos = config.get("repos") if isinstance(config, dict) else None
    for repo in repos if isinstance(repos, list) else ():
        hooks = repo.get("hooks") if isinstance(repo, dict) else None
        for hook in hooks if isinstance(hooks, list) else ():
            idle = isinstance(hook, dict) and (
                str(hook.get("entry", "")).strip() in ("true", ":", "/bin/true", "echo")
                or hook.get("stages") == ["manual"]
            )
            on, off = on + (not idle), off + idle
    return _judged("pre-commit", on, off)


def checkstyle(text: str) -> LintRules:
    """Checkstyle: its `<module>` elements, containers left out. The XML is not parsed."""
    modules = re.findall(r"<module\s+name\s*=\s*[\"'](\w{1,80})", text[:500_000])
    return _judged("checkstyle", sum(name not in ("Checker", "TreeWalker") for name in modules), 0)
