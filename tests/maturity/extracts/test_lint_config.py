"""Which rules a linter's configuration leaves on, and how one is emptied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.lint_config import EXTRACT, LintConfig, read_lint_config
from pawl.maturity.facts.tree import TreeFile

KEPT = [
    ("ruff.toml", '[lint]\nselect = ["E", "F"]\n', "ruff", 2, 0),
    ("ruff.toml", "line-length = 100\n", "ruff", 4, 0),
    ("pyproject.toml", '[tool.ruff.lint]\nextend-select = ["B"]\nignore = ["E7"]\n', "ruff", 4, 1),
    ("pyproject.toml", '[tool.ruff.lint]\nselect = ["ALL"]\nignore = ["D"]\n', "ruff", 1, 1),
    (".flake8", "[flake8]\nmax-line-length = 100\nignore = E203\n", "flake8", 4, 1),
    ("setup.cfg", "[flake8]\nselect = E,F\n", "flake8", 2, 0),
    (
        ".pylintrc",
        "[MESSAGES CONTROL]\ndisable=all\nenable=unused-import,no-member\n",
        "pylint",
        2,
        1,
    ),
    ("pyproject.toml", '[tool.pylint."messages control"]\ndisable = ["C0114"]\n', "pylint", 1, 1),
    (
        ".eslintrc.json",
        '{"extends": ["eslint:recommended"], // base\n"rules": {"a": "error", "b": 0,}}',
        "eslint",
        2,
        1,
    ),
    (".eslintrc.yml", "extends: standard\nrules:\n  a: [warn, 1]\n", "eslint", 2, 0),
    (
        "eslint.config.js",
        "export default [js.configs.recommended, {rules: {'a': 'error', b: ['off']}}]",
        "eslint",
        2,
        1,
    ),
    ("package.json", '{"eslintConfig": {"extends": "x"}}', "eslint", 1, 0),
    (
        ".golangci.yml",
        "linters:\n  enable: [gosec]\n  disable: [errcheck]\n",
        "golangci-lint",
        5,
        1,
    ),
    (
        ".golangci.yml",
        "version: '2'\nlinters:\n  default: none\n  enable: [govet]\n",
        "golangci-lint",
        1,
        0,
    ),
    ("Cargo.toml", '[lints.clippy]\npedantic = {level = "warn"}\nfoo = "allow"\n', "clippy", 2, 1),
    (".rubocop.yml", "Style/Foo:\n  Enabled: false\nLint/Bar:\n  Max: 3\n", "rubocop", 2, 1),
    (
        "biome.json",
        '{"linter": {"rules": {"style": {"noVar": "error", "x": "off"}}}}',
        "biome",
        2,
        1,
    ),
    (".clang-tidy", "Checks: '-*,bugprone-*,-bugprone-foo'\n", "clang-tidy", 1, 1),
    (
        ".pre-commit-config.yaml",
        "repos:\n- repo: x\n  hooks:\n  - id: a\n  - id: b\n",
        "pre-commit",
        2,
        0,
    ),
    (
        "checkstyle.xml",
        '<module name="Checker"><module name="TreeWalker">'
        '<module name="EmptyBlock"/></module></module>',
        "checkstyle",
        1,
        0,
    ),
]


@pytest.mark.parametrize(("path", "text", "tool", "rules", "off"), KEPT)
def test_rules_left_on_are_counted(path: str, text: str, tool: str, rules: int, off: int) -> None:
    """A rule or group that stays on counts as one, in each tool's own way of saying so."""
    found = read_lint_config(path, text)
    assert found is not None
    (told,) = found.tools
    assert (told.tool, told.rules, told.off, told.emptied) == (tool, rules, off, None)


EMPTIED = [
    ("ruff.toml", "[lint]\nselect = []\n"),
    ("ruff.toml", 'exclude = ["*"]\n'),
    ("pyproject.toml", '[tool.ruff.lint]\nselect = ["E", "F"]\nignore = ["E", "F"]\n'),
    ("pyproject.toml", '[tool.ruff.lint.per-file-ignores]\n"*" = ["ALL"]\n'),
    (".flake8", "[flake8]\nignore = C90,E,F,W\n"),
    (".flake8", "[flake8]\nexclude = .\n"),
    (".pylintrc", "[MESSAGES CONTROL]\ndisable=all\n"),
    (".eslintrc.json", '{"rules": {"a": "off", "b": 0}}'),
    (".eslintrc.json", '{"extends": "x", "ignorePatterns": ["**"]}'),
    ("eslint.config.mjs", "export default []"),
    ("eslint.config.mjs", "export default [js.configs.all, {ignores: ['**']}]"),
    ("eslint.config.mjs", "// js.configs.recommended\nexport default []"),
    (".golangci.yml", "linters:\n  disable-all: true\n"),
    (".golangci.yml", "run:\n  issues-exit-code: 0\n"),
    ("Cargo.toml", '[lints.clippy]\nall = "allow"\n'),
    (".rubocop.yml", "AllCops:\n  DisabledByDefault: true\n"),
    (".rubocop.yml", "AllCops:\n  Exclude: ['**/*']\n"),
    ("biome.json", '{"linter": {"enabled": false}}'),
    (".clang-tidy", "Checks: 'bugprone-*,-*'\n"),
    (".pre-commit-config.yaml", "repos: []\n"),
    (".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - {id: a, entry: 'true'}\n"),
]


@pytest.mark.parametrize(("path", "text"), EMPTIED)
def test_an_emptied_rule_set_says_why(path: str, text: str) -> None:
    """A configuration that leaves nothing to find counts no rules."""
    found = read_lint_config(path, text)
    assert found is not None
    (told,) = found.tools
    assert told.rules == 0
    assert told.emptied


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project]\nname = 'x'\n"),
        ("package.json", '{"name": "x"}'),
        ("setup.cfg", "[metadata]\nname = x\n"),
        ("Cargo.toml", "[package]\nname = 'x'\n"),
    ],
)
def test_a_file_without_a_linter_is_none(path: str, text: str) -> None:
    """Shared files count only when they configure a linter."""
    assert read_lint_config(path, text) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ruff.toml", "select = [\n"),
        (".eslintrc.json", "{"),
        (".golangci.yml", "a: &a [*a]\n"),
        (".rubocop.yml", "? {a: b}\n: c\n"),
        (".flake8", "select\n"),
        (".eslintrc.json", "[" * 50_000),
    ],
)
def test_a_broken_or_hostile_file_is_not_read(path: str, text: str) -> None:
    """What does not parse says so; it is neither kept nor emptied."""
    assert read_lint_config(path, text) == LintConfig(parsed=False)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("pyproject.toml", True),
        ("a/.eslintrc.json", True),
        ("node_modules/x/.eslintrc.json", False),
        ("tests/fixtures/ruff.toml", False),
        ("a.py", False),
    ],
)
def test_only_own_configurations_are_read(path: str, wanted: bool) -> None:
    """A vendored package's configuration is its own."""
    assert EXTRACT.wants(TreeFile(path, 1, "0")) is wanted


PATHS = sorted({path for path, *_ in KEPT})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["linters", "rules", "repos", "hooks", "extends", "AllCops", "Checks", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(PATHS), st.text(max_size=200))
def test_any_text_is_read_without_raising(path: str, text: str) -> None:
    """Whatever a file holds, the answer is a value."""
    found = read_lint_config(path, text)
    assert found is None or all(tool.rules >= 0 for tool in found.tools)


@given(st.sampled_from([path for path in PATHS if not path.endswith("toml")]), VALUES)
def test_any_shape_of_values_is_read_without_raising(path: str, value: object) -> None:
    """Nor does a value of an unexpected shape in an expected place."""
    import json

    found = read_lint_config(path, json.dumps(value))
    assert found is None or all(tool.rules >= 0 for tool in found.tools)
