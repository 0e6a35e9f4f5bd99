"""Which paths are source, which are tests, and which are neither, language by language.

The tables are conventions of the languages' own tools: what pytest, unittest, `go test`, Cargo,
Maven Surefire, Jest, Mocha, RSpec, minitest, GoogleTest and KUnit collect by default, as their
manuals state (read 2026-11). Vendored, generated and fixture trees belong to nobody's practice
here and are left out of both sides of every share.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from pawl.base.patterns import regex

Role = Literal["source", "test", "support"]
"""What a file of own code is for; support lies among tests without being one."""

SOURCE, TEST, SUPPORT, NOBODYS = "s", "t", "p", "-"
"""The letters by which the roles of many paths are kept; `NOBODYS` is no own code."""
_LETTERS = MappingProxyType({"source": SOURCE, "test": TEST, "support": SUPPORT, None: NOBODYS})
ROLES_VERSION = 1
"""Rises whenever `role_of` would answer differently: roles are kept between assessments."""

LANGUAGE_BY_SUFFIX = MappingProxyType(
    {
        "py": "python",
        "pyi": "python",
        "js": "javascript",
        "jsx": "javascript",
        "mjs": "javascript",
        "cjs": "javascript",
        "ts": "typescript",
        "tsx": "typescript",
        "mts": "typescript",
        "cts": "typescript",
        "vue": "javascript",
        "svelte": "javascript",
        "go": "go",
        "java": "java",
        "kt": "kotlin",
        "kts": "kotlin",
        "scala": "scala",
        "groovy": "groovy",
        "rs": "rust",
        "rb": "ruby",
        "c": "c",
        "h": "c",
        "cc": "cpp",
        "cpp": "cpp",
        "cxx": "cpp",
        "hh": "cpp",
        "hpp": "cpp",
        "hxx": "cpp",
        "cs": "csharp",
        "php": "php",
        "swift": "swift",
        "m": "objective-c",
        "ex": "elixir",
        "exs": "elixir",
        "erl": "erlang",
        "hs": "haskell",
        "lua": "lua",
        "pl": "perl",
        "pm": "perl",
        "t": "perl",
        "sh": "shell",
        "bash": "shell",
        "bats": "shell",
        "dart": "dart",
        "zig": "zig",
        "ml": "ocaml",
        "clj": "clojure",
        "jl": "julia",
        "r": "r",
    }
)
"""A file's suffix, lower case and without its dot, to its language."""

FOREIGN_FOLDERS = frozenset(
    {
        "vendor",
        "vendored",
        "_vendor",
        "third_party",
        "third-party",
        "thirdparty",
        "3rdparty",
        "external",
        "externals",
        "node_modules",
        "bower_components",
        "site-packages",
        ".venv",
        "venv",
        "dist",
        ".git",
        ".tox",
        ".yarn",
        "Godeps",
        "Pods",
        "Carthage",
    }
)
"""Folders whose content was written elsewhere or built."""

FIXTURE_FOLDERS = frozenset(
    {
        "fixtures",
        "fixture",
        "__fixtures__",
        "testdata",
        "test-data",
        "test_data",
        "golden",
        "goldens",
        "cassettes",
        "snapshots",
        "__snapshots__",
        "__mocks__",
        "corpus",
        "samples",
    }
)
"""Folders that hold what tests read, not tests."""

_NOBODYS_FOLDERS = FOREIGN_FOLDERS | FIXTURE_FOLDERS

TEST_FOLDERS = frozenset(
    {
        "test",
        "tests",
        "__tests__",
        "spec",
        "specs",
        "testing",
        "unittest",
        "unittests",
        "unit-tests",
        "unit_tests",
        "selftests",
        "androidTest",
        "integration-tests",
        "integration_tests",
        "e2e",
    }
)
"""Folders that hold tests and their support."""

LOCK_FILES = frozenset(
    {
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
        "deno.lock",
        "poetry.lock",
        "uv.lock",
        "pdm.lock",
        "Pipfile.lock",
        "requirements.lock",
        "Cargo.lock",
        "go.sum",
        "Gemfile.lock",
        "composer.lock",
        "mix.lock",
        "pubspec.lock",
        "Podfile.lock",
        "packages.lock.json",
        "gradle.lockfile",
        "flake.lock",
    }
)
"""Files that a package manager writes."""

_TEST_NAMES = MappingProxyType(
    {
        "python": regex(r"(?:test_.*|.*_test|tests)\.py"),
        "javascript": regex(r".*[._-](?:test|spec)\.[cm]?jsx?"),
        "typescript": regex(r".*[._-](?:test|spec)(?:-d)?\.[cm]?tsx?"),
        "go": regex(r".*_test\.go"),
        "java": regex(r"(?:Test.*|.*(?:Test|Tests|TestCase|IT|ITCase|Spec))\.java"),
        "kotlin": regex(r"(?:Test.*|.*(?:Test|Tests|IT|Spec))\.kt"),
        "scala": regex(r".*(?:Test|Tests|Spec|Suite)\.scala"),
        "groovy": regex(r".*(?:Test|Tests|Spec)\.groovy"),
        "rust": regex(r"(?:tests?|.*_tests?|test_.*)\.rs"),
        "ruby": regex(r"(?:.*_(?:spec|test)|test_.*)\.rb"),
        "c": regex(r"(?:test[_-].*|.*[_-](?:test|tests|unittest|kunit)|u-.*)\.c"),
        "cpp": regex(r"(?:test[_-]?.*|.*[_-]?(?:[tT]est|[tT]ests|unittest|UT))\.(?:cc|cpp|cxx)"),
        "csharp": regex(r".*(?:Test|Tests|Spec|Specs)\.cs"),
        "php": regex(r".*(?:Test|Cest)\.php"),
        "swift": regex(r".*Tests?\.swift"),
        "elixir": regex(r".*_test\.exs"),
        "erlang": regex(r".*_(?:SUITE|tests)\.erl"),
        "haskell": regex(r".*(?:Spec|Test)\.hs"),
        "lua": regex(r".*_(?:spec|test)\.lua"),
        "perl": regex(r".*\.t"),
        "shell": regex(r".*\.bats|t\d{4}-.*\.sh|(?:test[_-].*|.*[_-]test)\.sh"),
        "dart": regex(r".*_test\.dart"),
    }
)

IN_TEST_FOLDER = frozenset({"javascript", "typescript", "java", "kotlin", "rust", "c", "cpp"})
"""Languages whose tools take any source file of a test folder for tests."""

_SUPPORT = regex(
    r"(?:conftest\.py|__init__\.py|setup.*\.[jt]s|.*\.config\.[cm]?[jt]s|.*\.d\.ts|mod\.rs"
    r"|spec_helper\.rb|test_helper\.rb|.*\.(?:h|hh|hpp|hxx))"
)
_GENERATED_NAME = regex(
    r".*(?:_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)|\.pb\.gw\.go|_generated\.\w+|\.generated\.\w+"
    r"|\.min\.(?:js|css)|\.g\.dart|\.designer\.cs|zz_generated.*\.go|\.snap|\.ambr)",
    re.IGNORECASE,
)
_GENERATED_HINT = regex(r"pb|[._][gG]ener|zz_|\.[mM]in\.|\.g\.|\.[dD]esigner|\.snap|\.ambr")
_GENERATED_TEXT = regex(
    r"@generated\b|Code generated .{0,80}DO NOT EDIT|<auto-generated"
    r"|(?:auto[- ]?)?generated.{0,80}\bdo not (?:edit|modify)"
    r"|generated by the protocol buffer compiler",
    re.IGNORECASE | re.DOTALL,
)
GENERATED_HEAD = 1500
"""Characters at a file's beginning in which a generator leaves its mark."""


def basename(path: str) -> str:
    """Return the last part of a path."""
    return path[path.rfind("/") + 1 :]


def language_of(path: str) -> str | None:
    """Return the language of a path by its suffix, or None."""
    dot = path.rfind(".")
    return LANGUAGE_BY_SUFFIX.get(path[dot + 1 :].lower()) if dot >= 0 else None


def is_foreign(path: str) -> bool:
    """Say whether a path lies in a vendored, built or installed tree."""
    return not FOREIGN_FOLDERS.isdisjoint(path.split("/")[:-1])


def is_fixture(path: str) -> bool:
    """Say whether a path is what tests read rather than a test."""
    return not FIXTURE_FOLDERS.isdisjoint(path.split("/")[:-1])


def is_generated_path(path: str) -> bool:
    """Say whether a path names something that a program wrote: lock files, snapshots, stubs."""
    name = basename(path)
    if name in LOCK_FILES:
        return True
    if _GENERATED_HINT.search(name) and _GENERATED_NAME.fullmatch(name):
        return True
    return "__snapshots__/" in path or "cassettes/" in path


def is_generated_text(text: str) -> bool:
    """Say whether a file's beginning says that a program wrote it."""
    head = text[:GENERATED_HEAD]
    # Every mark holds this word, and few files do.
    return "generated" in head.lower() and _GENERATED_TEXT.search(head) is not None


@lru_cache(maxsize=16_384)
def _of_folder(folder: str) -> tuple[bool, bool]:
    """Return whether what lies in a folder is nobody's own, and whether it is among tests."""
    parts = folder.split("/")
    return not _NOBODYS_FOLDERS.isdisjoint(parts), not TEST_FOLDERS.isdisjoint(parts)


def is_own_code(path: str) -> bool:
    """Say whether a path is code written here: tests too, no fixtures, nothing foreign."""
    return role_of(path) is not None


@lru_cache(maxsize=131_072)
def role_of(path: str) -> Role | None:
    """Return what a path of own code is for; None for what is no code or not written here."""
    language = language_of(path)
    if language is None:
        return None
    folder, _, name = path.rpartition("/")
    nobodys, among_tests = _of_folder(folder)
    if nobodys or is_generated_path(path):
        return None
    if _SUPPORT.fullmatch(name):
        return "support" if among_tests or name == "conftest.py" else "source"
    rule = _TEST_NAMES.get(language)
    if rule is not None and rule.fullmatch(name):
        return "test"
    if among_tests:
        return "test" if language in IN_TEST_FOLDER else "support"
    return "source"


def letters_of(paths: Iterable[str]) -> str:
    """Return the letter of each path's role, in their order."""
    return "".join([_LETTERS[role_of(path)] for path in paths])


def is_test(path: str) -> bool:
    """Say whether a language's test tools take this path for a test file."""
    return role_of(path) == "test"


def is_test_support(path: str) -> bool:
    """Say whether own code lies among tests without being one: helpers, `conftest.py`."""
    return role_of(path) == "support"


def is_source(path: str) -> bool:
    """Say whether a path is product code: own code that is neither test nor test support."""
    return role_of(path) == "source"
