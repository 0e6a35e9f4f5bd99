"""Read test files: how many tests they hold, how many could fail, and which are hollow.

A test that cannot fail, such as one that compares constants, counts as hollow; assertions made by
helpers are followed by name. Files of languages it cannot judge are counted as not parsed.
"""

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.dialects_of_tests import DIALECTS
from pawl.parsing.found_test import Found, FoundTest, Proof
from pawl.parsing.languages import is_test, language_of, role_of
from pawl.parsing.lexed_tests import lexed_tests
from pawl.parsing.python_tests import python_tests

READ_LANGUAGES = frozenset({"python", *DIALECTS})
"""Languages whose tests are judged; others are only counted, by `tests-are-present`."""
MAX_HOLLOW = 20
MAX_TRUSTING = 100


class HollowTest(msgspec.Struct, frozen=True):
    """A test that could not fail, its line, and why."""

    name: str
    line: int
    why: Proof


class TrustingTest(msgspec.Struct, frozen=True):
    """A test that rests on functions from other files alone, by their names."""

    name: str
    line: int
    trusts: tuple[str, ...]


class CodeOfTests(msgspec.Struct, frozen=True, kw_only=True):
    """What one file of tests, or of their support, holds.

    `functions` are its tests, `asserting` those of them that could fail for a reason the code
    decides, `skipped` those that never run or are expected to fail. `trusting` tests call
    functions of other files whose names say that they assert; `helpers` tells of this file's own
    such functions whether they do. `hollow` lists the first few that prove nothing. `parsed` is
    False for a file whose syntax is not to be read.
    """

    language: str
    parsed: bool = True
    functions: int = 0
    asserting: int = 0
    skipped: int = 0
    trusting: tuple[TrustingTest, ...] = ()
    hollow: tuple[HollowTest, ...] = ()
    helpers: dict[str, bool] = {}


_RUST_TEST = regex(r"#\[\s*(?:\w+::)*\w*test")


def _wants(file: TreeFile) -> bool:
    language = language_of(file.path)
    if language not in READ_LANGUAGES:
        return False
    role = role_of(file.path)
    # Rust keeps unit tests beside the code they test.
    return role in ("test", "support") or (role == "source" and language == "rust")


def read_tests(path: str, text: str) -> CodeOfTests | None:
    """Return what a file says about tests, or None when it holds neither tests nor helpers."""
    language = language_of(path)
    if language not in READ_LANGUAGES or language is None:
        return None
    if language == "rust" and not is_test(path) and not _RUST_TEST.search(text):
        return None
    found = python_tests(text) if language == "python" else lexed_tests(text, language)
    if found is None:
        return CodeOfTests(language=language, parsed=False)
    if not found.tests and not found.helpers and not is_test(path):
        return None
    return _summed(language, found)


def _summed(language: str, found: Found) -> CodeOfTests:
    hollow = [test for test in found.tests if test.proof not in ("asserts", "trusts")]
    trusting = [test for test in found.tests if test.proof == "trusts"]
    return CodeOfTests(
        language=language,
        functions=len(found.tests),
        asserting=sum(test.proof == "asserts" for test in found.tests) + _beyond(trusting),
        skipped=sum(test.proof == "skipped" for test in found.tests),
        trusting=tuple(
            TrustingTest(test.name, test.line, test.trusts) for test in trusting[:MAX_TRUSTING]
        ),
        hollow=tuple(HollowTest(test.name, test.line, test.proof) for test in hollow[:MAX_HOLLOW]),
        helpers=dict(list(found.helpers.items())[:50]),
    )


def _beyond(trusting: list[FoundTest]) -> int:
    """Return the trusting tests past those listed; they are believed, to accuse nobody."""
    return max(0, len(trusting) - MAX_TRUSTING)


EXTRACT = Extract(version=2, kind=CodeOfTests, wants=_wants, read=read_tests, most=1000)
