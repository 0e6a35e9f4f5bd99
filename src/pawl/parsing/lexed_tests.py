"""Find the test functions of JavaScript, TypeScript, Go, Java, Kotlin, Rust, Ruby, C and C++.

By careful lexing, not by parsing: comments and strings are blanked first, a test begins where
its framework's own mark stands and ends at the bracket (in Ruby the `end`) that closes it. An
assertion is a call by a framework's name for one; a comparison of literals with literals and a
mere "is there" are told apart from it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pawl.base.patterns import regex
from pawl.parsing.dialects_of_tests import DIALECTS, Dialect
from pawl.parsing.found_test import MAX_TESTS, Found, FoundTest, Proof
from pawl.parsing.lexing import Lexed, Lines, lex, pairs

MAX_BODY = 20_000
"""Characters of one test that are looked at."""
MAX_HEAD = 2000
"""Characters between a function's name and the bracket that opens its body."""
NESTING = 4
"""How often, on average, a character may be looked at as part of a test around a test."""
_OWN_WORDS = frozenset({"assert", "expect", "check", "require", "should", "verify"})
"""Names of assertion libraries themselves: calling them bare proves nothing."""
_CALL = regex(r"\b(_*[A-Za-z]\w*)!?(?:<[^;(){}]{0,200}>)?\s*\(")
_LITERAL = r"\s*(?:\"[^\"\n]*\"|-?\d[\w.]*|true|false|null|nil|None|undefined|NULL)\s*"
_LITERALS_ONLY = regex(rf"(?:{_LITERAL}(?:,|==|===|\)\s*\.[\w. ]+\(|$))+")
_NEVER = regex(r"\bif\s*\(?\s*(?:false|0)\s*\)?\s*\{")


class _Part(NamedTuple):
    """A stretch of code: a test with its name, whether it is skipped, and its body."""

    name: str
    start: int
    skipped: bool
    expects_error: bool
    body: str


def lexed_tests(text: str, language: str) -> Found:
    """Return the tests of a file in one of the languages of `DIALECTS`."""
    dialect = DIALECTS[language]
    if not dialect.mark.search(text):
        return Found((), {})
    lexed = lex(text, language)
    lines = Lines(text)
    helpers = _helpers(lexed, dialect)
    tests = tuple(
        _judged(part, lines.at(part.start), dialect, helpers)
        for part in _parts(text, lexed, dialect)
    )
    told = {name: asserts for name, asserts in helpers.items() if dialect.helper.match(name)}
    return Found(tests, dict(sorted(told.items())[:50]))


def _parts(text: str, lexed: Lexed, dialect: Dialect) -> Iterator[_Part]:
    """Yield the tests of a file."""
    code = lexed.code
    ends = pairs(code, dialect.brackets) if dialect.brackets else {}
    skipped_until = 0
    starts = list(dialect.mark.finditer(code))[: MAX_TESTS * 2]
    budget = len(code) * NESTING + MAX_BODY
    count = 0
    for match in starts:
        end = _end(code, match, dialect, ends)
        skips = dialect.skip is not None and dialect.skip.search(match[0]) is not None
        if dialect.group is not None and dialect.group.match(match[0]):
            skipped_until = max(skipped_until, end) if skips else skipped_until
            continue
        count += 1
        if count > MAX_TESTS or budget < 0:
            return
        name = _name(text, code, match)
        body = code[match.end() : min(end, match.end() + MAX_BODY)]
        budget -= len(body)
        expects = dialect.expected is not None and dialect.expected.search(match[0]) is not None
        skips = skips or match.start() < skipped_until
        yield _Part(name, match.start("at"), skips, expects, body)


def _end(code: str, match: re.Match[str], dialect: Dialect, ends: dict[int, int]) -> int:
    """Return where a test ends: at the bracket that closes its own, or at its `end`."""
    if not dialect.brackets:
        line_start = code.rfind("\n", 0, match.start("at")) + 1
        indent = code[line_start : match.start("at")]
        closed = re.compile(rf"^{re.escape(indent)}end\b", re.MULTILINE).search(
            code, match.end(), match.end() + MAX_BODY
        )
        return closed.start() if closed else match.end() + MAX_BODY
    opening = code.find(dialect.brackets[0], match.end() - 1, match.end() + MAX_HEAD)
    return ends.get(opening, len(code)) if opening >= 0 else len(code)


def _name(text: str, code: str, match: re.Match[str]) -> str:
    """Return a test's name: its identifier, or the string that describes it."""
    groups = match.groupdict()
    named = groups.get("name") or groups.get("function")
    if named:
        return named[:80]
    quoted = re.compile(r"[\"'`]([^\"'`\n]{0,80})").search(text, match.end() - 1, match.end() + 90)
    return quoted[1].strip() if quoted else match[0].strip()[:80]


def _helpers(lexed: Lexed, dialect: Dialect) -> dict[str, bool]:
    """Return the file's own functions, and whether each asserts something by itself."""
    found: dict[str, bool] = {}
    if dialect.function is None:
        return found
    ends = pairs(lexed.code) if dialect.brackets else {}
    budget = len(lexed.code) * NESTING + MAX_BODY
    for match in list(dialect.function.finditer(lexed.code))[:MAX_TESTS]:
        if budget < 0:
            break
        if dialect.brackets:
            opening = lexed.code.find("{", match.end() - 1, match.end() + MAX_HEAD)
            end = ends.get(opening, opening)
        else:
            opening, end = match.end(), match.end() + 2000
        body = lexed.code[opening : min(end, opening + MAX_BODY)]
        budget -= len(body)
        asserts = _proof(body, dialect) == "asserts"
        # Two of one name in different classes: the better one decides, to accuse nobody.
        found[match["name"]] = found.get(match["name"], False) or asserts
    return found


def _judged(part: _Part, line: int, dialect: Dialect, helpers: dict[str, bool]) -> FoundTest:
    if part.skipped or (dialect.skip_call and dialect.skip_call.match(part.body)):
        return FoundTest(part.name, line, "skipped")
    proof = _proof(part.body, dialect)
    if proof == "asserts" or part.expects_error:
        return FoundTest(part.name, line, "asserts")
    called = sorted({match[1] for match in _CALL.finditer(part.body)})
    if any(helpers.get(name, False) for name in called):
        return FoundTest(part.name, line, "asserts")
    trusted = tuple(
        name
        for name in called
        if name not in helpers
        and name not in _OWN_WORDS
        and dialect.helper.fullmatch(name)
        and not dialect.asserts.search(f" {name}!(" if f"{name}!" in part.body else f" {name}(")
    )
    if trusted:
        return FoundTest(part.name, line, "trusts", trusted[:5])
    return FoundTest(part.name, line, proof)


def _proof(body: str, dialect: Dialect) -> Proof:
    """Say what the assertions of a body prove, those behind `if (false)` left out."""
    never = [match.end() - 1 for match in _NEVER.finditer(body)]
    if never:
        ends = pairs(body)
        dead = [(start, ends.get(start, len(body))) for start in never]
    else:
        dead = []
    weak: Proof = "none"
    for match in dialect.asserts.finditer(body):
        if any(start <= match.start() < end for start, end in dead):
            continue
        rest = body[match.start() : match.start() + 300].partition("\n\n")[0]
        statement = rest.partition(";")[0] if ";" in rest else rest.partition("\n")[0]
        if dialect.existence and dialect.existence.match(statement):
            weak = "existence"
        elif _is_constant(statement, dialect):
            weak = "constant" if weak == "none" else weak
        else:
            return "asserts"
    return weak


def _is_constant(statement: str, dialect: Dialect) -> bool:
    """Say whether an assertion compares literals with literals."""
    match = dialect.arguments.match(statement)
    if match is None:
        return False
    arguments = (match[1] or (match[2] if match.re.groups > 1 else "") or "").strip()
    return bool(arguments) and _LITERALS_ONLY.fullmatch(arguments) is not None
