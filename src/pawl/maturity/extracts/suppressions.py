"""Count the places where code tells a linter or type checker to look away.

Only what stands in a comment, or as an attribute in code, counts; the same words in a string are
somebody's test data. A suppression of a whole file is told apart: it hides every line.
"""

import re
from types import MappingProxyType

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.languages import is_generated_text, is_own_code, language_of
from pawl.parsing.lexing import Lines, can_lex, lex

MAX_LINES = 10
"""Lines of suppressions that a file's answer names."""


class Suppressions(msgspec.Struct, frozen=True, kw_only=True):
    """One source file's lines, and its suppressions by kind.

    `blanket` says that one of them hides the whole file, without naming a rule or for every rule
    named. `generated` files are nobody's practice. `first` are the first few lines concerned.
    """

    lines: int
    kinds: dict[str, int] = {}
    blanket: bool = False
    generated: bool = False
    first: tuple[int, ...] = ()


_COMMENT_KINDS = MappingProxyType(
    {
        "noqa": regex(r"#\s*(?:(?:ruff|flake8)\s*:\s*)?noqa\b", re.IGNORECASE),
        "type-ignore": regex(
            r"#\s*(?:type|pyright|ty|pyre)\s*:\s*ignore|#\s*(?:mypy|pyright)\s*:\s*(?:ignore-errors"
            r"|disable-error-code|basic)|pyre-(?:ignore|fixme)|@ts-(?:ignore|expect-error|nocheck)"
        ),
        "pylint": regex(r"pylint\s*:\s*(?:disable|skip-file)"),
        "nosec": regex(r"\bnosec\b|\bNOSONAR\b|\bnosemgrep\b"),
        "eslint": regex(r"eslint-disable|tslint:disable|biome-ignore|oxlint-disable"),
        "nolint": regex(r"\b(?:nolint|NoLint)\b|//\s*lint:(?:file-)?ignore|\bNOLINT"),
        "rubocop": regex(r"rubocop\s*:\s*(?:disable|todo)"),
        "shellcheck": regex(r"shellcheck\s+disable"),
        "checkstyle": regex(r"CHECKSTYLE[.:]\s*OFF|cppcheck-suppress|phpcs:(?:ignore|disable)"),
        "phpstan": regex(r"@phpstan-ignore|@psalm-suppress"),
        "swiftlint": regex(r"swiftlint:disable"),
    }
)
_COMMENT_WORDS = (
    "noqa",
    "ignore",
    "disable",
    "basic",
    "pyre-",
    "@ts-",
    "lint",
    "nosec",
    "nosonar",
    "nosemgrep",
    "rubocop",
    "checkstyle",
    "suppress",
)
"""Words, in lower case, one of which every comment holds that a rule above finds."""
_CODE_KINDS = MappingProxyType(
    {
        "suppress-warnings": regex(r"@(?:file:)?Suppress(?:Warnings|Lint)?\s*\("),
        "allow": regex(
            r"\#!?\[\s*(?:(?:allow|expect)\s*\(|cfg_attr\([^\]]{0,80}\ballow\()"
        ),
        "pragma": regex(
            r"\#\s*pragma\s+(?:(?:GCC|clang)\s+diagnostic\s+ignored|warning\s*\(?\s*disable)"
        ),
    }
)  # fmt: skip
_C_WORDS = (
    "NOLINT",
    "nolint",
    "diagnostic ignored",
    "pragma warning",
    "cppcheck-suppress",
    "nosemgrep",
    "NOSONAR",
    "CHECKSTYLE",
    "nosec",
)
_WORDS = (
    "noqa",
    "NOQA",
    "ignore",
    "disable",
    "nosec",
    "NOSONAR",
    "nosemgrep",
    "nolint",
    "NOLINT",
    "ts-expect-error",
    "ts-nocheck",
    "CHECKSTYLE",
    "Suppress",
    "suppress",
    "[allow",
    "[expect",
    " allow",
    "pragma",
    "pyre-fixme",
    "skip-file",
    "pyright",
    "rubocop",
)
"""Words one of which every suppression holds; a file without any need not be lexed."""
_WHOLE_FILE = regex(
    r"#\s*(?:ruff|flake8)\s*:\s*noqa(?!\s*:)|pylint\s*:\s*(?:skip-file|disable\s*=\s*all)"
    r"|#\s*mypy\s*:\s*ignore-errors|@ts-nocheck|/\*\s*(?:eslint-disable|tslint:disable)\s*\*/"
    r"|//\s*lint:file-ignore|rubocop\s*:\s*disable\s+all|phpcs:(?:disable|ignoreFile)\s*\*?/?$"
    r"|//\s*swiftlint:disable\s+all|/\*\s*eslint-disable\s+--"
)
_WHOLE_FILE_CODE = regex(
    r"\#!\[\s*allow\s*\([^\])]{0,200}\b(?:warnings|unused|clippy\s*::\s*all)\b"
    r"|@file:Suppress\(\s*\"all\""
)
_TYPE_IGNORE_ALONE = regex(r"#\s*type\s*:\s*ignore\b")


def _wants(file: TreeFile) -> bool:
    return is_own_code(file.path) and can_lex(language_of(file.path))


def read_suppressions(path: str, text: str) -> Suppressions | None:
    """Return a source file's lines and suppressions."""
    language = language_of(path)
    if language is None or not can_lex(language):
        return None
    count = text.count("\n") + (not text.endswith("\n"))
    generated = is_generated_text(text)
    held = _C_WORDS if language in ("c", "cpp") else _WORDS
    if generated or not any(word in text for word in held):
        return Suppressions(lines=count, generated=generated)
    lexed = lex(text, language)
    lines = Lines(text)
    kinds: dict[str, int] = {}
    at: list[int] = []
    blanket = _WHOLE_FILE_CODE.search(lexed.code) is not None
    for offset, comment in lexed.comments:
        told = comment.lower()
        if not any(word in told for word in _COMMENT_WORDS):
            continue
        for kind, rule in _COMMENT_KINDS.items():
            if rule.search(comment):
                kinds[kind] = kinds.get(kind, 0) + 1
                at.append(lines.at(offset))
                blanket = blanket or _hides_file(language, text, offset, comment)
    for kind, rule in _CODE_KINDS.items():
        for match in rule.finditer(lexed.code):
            kinds[kind] = kinds.get(kind, 0) + 1
            at.append(lines.at(match.start()))
    return Suppressions(
        lines=count,
        kinds=dict(sorted(kinds.items())),
        blanket=blanket,
        first=tuple(sorted(set(at))[:MAX_LINES]),
    )


def _hides_file(language: str, text: str, offset: int, comment: str) -> bool:
    """Say whether a comment silences its whole file.

    A bare `# type: ignore` does so for mypy when nothing but comments stands before it.
    """
    if _WHOLE_FILE.search(comment):
        # A comment that is taken back later hides a part.
        ends = "eslint-enable", "rubocop:enable", "tslint:enable", "swiftlint:enable"
        return not any(text.find(end, offset) >= 0 for end in ends)
    if language != "python" or not _TYPE_IGNORE_ALONE.match(comment):
        return False
    before = text[:offset][:4000].splitlines()
    return all(not line.strip() or line.lstrip().startswith("#") for line in before)


EXTRACT = Extract(version=1, kind=Suppressions, wants=_wants, read=read_suppressions, most=1000)
