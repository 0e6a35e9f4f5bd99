"""Read linters' configurations: which rules stay on, and whether a set was emptied.

Counts the rules, or groups of rules, that are named as on; counts of different tools are not
comparable. A file that does not parse is told as such and counts no rule.
"""

import msgspec

from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing import lint_rules
from pawl.parsing.config_text import ini, jsonc, table, toml, yaml
from pawl.parsing.languages import basename, is_fixture, is_foreign
from pawl.parsing.lint_rules import LintRules

_ESLINT_SCRIPTS = frozenset(
    f"{stem}.{suffix}"
    for stem in ("eslint.config", ".eslintrc")
    for suffix in ("js", "cjs", "mjs", "ts", "mts", "cts")
)
_NAMES = frozenset(
    {
        "pyproject.toml",
        "ruff.toml",
        ".ruff.toml",
        ".flake8",
        "setup.cfg",
        "tox.ini",
        ".pylintrc",
        "pylintrc",
        ".eslintrc",
        ".eslintrc.json",
        ".eslintrc.yml",
        ".eslintrc.yaml",
        "package.json",
        ".golangci.yml",
        ".golangci.yaml",
        ".golangci.toml",
        ".golangci.json",
        "Cargo.toml",
        "clippy.toml",
        ".clippy.toml",
        ".rubocop.yml",
        "biome.json",
        "biome.jsonc",
        ".clang-tidy",
        ".pre-commit-config.yaml",
        "checkstyle.xml",
        *_ESLINT_SCRIPTS,
    }
)


class LintConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The linters that one file configures. `parsed` is False for a file that cannot be read."""

    tools: tuple[LintRules, ...] = ()
    parsed: bool = True


def _wants(file: TreeFile) -> bool:
    return basename(file.path) in _NAMES and not is_foreign(file.path) and not is_fixture(file.path)


def read_lint_config(path: str, text: str) -> LintConfig | None:
    """Return what a file configures, or None when it configures no linter."""
    name = basename(path)
    if name in _ESLINT_SCRIPTS:
        return LintConfig(tools=(lint_rules.eslint_script(text),))
    if name == "checkstyle.xml":
        return LintConfig(tools=(lint_rules.checkstyle(text),))
    if name.endswith(".toml"):
        return _from_toml(name, text)
    if name in (".flake8", "setup.cfg", "tox.ini", ".pylintrc", "pylintrc"):
        return _from_ini(name, text)
    return _from_values(name, path, text)


def _from_toml(name: str, text: str) -> LintConfig | None:
    config = toml(text)
    if config is None:
        return LintConfig(parsed=False)
    tools: list[LintRules] = []
    if name in ("ruff.toml", ".ruff.toml"):
        tools.append(lint_rules.ruff(config))
    elif name == "pyproject.toml":
        if "ruff" in table(config, "tool"):
            tools.append(lint_rules.ruff(table(config, "tool", "ruff")))
        if "pylint" in table(config, "tool"):
            tools.append(lint_rules.pylint(table(config, "tool", "pylint")))
        if "flake8" in table(config, "tool"):
            flake8 = {key: str(value) for key, value in table(config, "tool", "flake8").items()}
            tools.append(lint_rules.flake8(flake8))
    elif name == "Cargo.toml":
        lints = table(config, "lints") or table(config, "workspace", "lints")
        if "clippy" in lints:
            tools.append(lint_rules.clippy(lints))
    elif name in ("clippy.toml", ".clippy.toml"):
        tools.append(lint_rules.clippy({}))
    else:
        tools.append(lint_rules.golangci(config))
    return LintConfig(tools=tuple(tools)) if tools else None


def _from_ini(name: str, text: str) -> LintConfig | None:
    sections = ini(text)
    if sections is None:
        return LintConfig(parsed=False)
    tools: list[LintRules] = []
    if name in (".pylintrc", "pylintrc"):
        tools.append(lint_rules.pylint(sections))
    else:
        if "flake8" in sections:
            tools.append(lint_rules.flake8(sections["flake8"]))
        pylint = {key: value for key, value in sections.items() if key.startswith("pylint")}
        if pylint:
            tools.append(lint_rules.pylint(pylint))
    return LintConfig(tools=tuple(tools)) if tools else None


def _from_values(name: str, path: str, text: str) -> LintConfig | None:
    is_yaml = name.endswith((".yml", ".yaml")) or name in (".clang-tidy", ".eslintrc")
    config = yaml(text, path) if is_yaml else jsonc(text)
    if config is None:
        return LintConfig(parsed=False)
    if name == "package.json":
        if not isinstance(config, dict) or "eslintConfig" not in config:
            return None
        return LintConfig(tools=(lint_rules.eslint(config["eslintConfig"]),))
    reader = {
        ".rubocop.yml": lint_rules.rubocop,
        "biome.json": lint_rules.biome,
        "biome.jsonc": lint_rules.biome,
        ".clang-tidy": lint_rules.clang_tidy,
        ".pre-commit-config.yaml": lint_rules.pre_commit,
    }.get(name)
    if reader is None:
        reader = lint_rules.golangci if name.startswith(".golangci") else lint_rules.eslint
    return LintConfig(tools=(reader(config),))


EXTRACT = Extract(
    version=1,
    kind=LintConfig,
    wants=_wants,
    read=read_lint_config,
    names=frozenset(map(str.lower, _NAMES)),
)
