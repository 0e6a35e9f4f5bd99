"""Read where findings of security tools are set aside: in registers, and in the code itself.

A comment such as `nosec` or `gitleaks:allow` is an exception as much as a line in `.trivyignore`;
it usually has no end. One that writes a day behind `until`, `expires` or `exp:` ends there.
"""

import re

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.languages import is_fixture, is_foreign, is_own_code
from pawl.parsing.set_aside import MAX_SET_ASIDE, SetAside, Unreadable, day_in, register_of

MAX_CODE_BYTES = 256 * 1024
MAX_INLINE = 200
"""Exceptions of one file of code that are told one by one; `count` tells of all."""

_TOOLS = {
    "nosec": "bandit or gosec",
    "nosemgrep": "semgrep",
    "gitleaks:allow": "gitleaks",
    "trufflehog:ignore": "trufflehog",
    "pragma: allowlist secret": "detect-secrets",
    "pragma: allowlist nextline secret": "detect-secrets",
    "checkov:skip": "checkov",
    "tfsec:ignore": "tfsec",
    "trivy:ignore": "trivy",
    "kics-scan ignore": "kics",
    "nosonar": "sonar",
    "lgtm[": "codeql",
    "codeql[": "codeql",
    "zizmor: ignore": "zizmor",
    "@suppressfbwarnings": "spotbugs",
}
_IN_CODE = (
    ("nosec", 0), ("nosemgrep", 0), ("nosonar", 0), ("gitleaks:allow", 0), ("allowlist", 8),
    ("trufflehog:", 0), ("lgtm[", 0), ("codeql[", 0), ("noqa:", 0), ("nolint:", 0),
    ("suppressfbwarnings", 1),
)  # fmt: skip
_IN_INFRASTRUCTURE = (
    ("checkov:", 0), ("tfsec:", 0), ("trivy:", 0), ("kics-scan", 0), ("zizmor:", 0),
    ("nosemgrep", 0), ("gitleaks:allow", 0), ("trufflehog:", 0), ("allowlist", 8),
)  # fmt: skip
"""What each mark holds, in lower case, and how far behind the mark's beginning."""
_INFRASTRUCTURE = (".tf", ".hcl", ".yml", ".yaml", "dockerfile")
_MARK = regex(
    r"\b(?P<mark>nosec|nosemgrep|gitleaks:allow|trufflehog:ignore"
    r"|pragma: allowlist (?:nextline )?secret|checkov:skip(?==)|tfsec:ignore(?=:)"
    r"|trivy:ignore(?=:)|kics-scan ignore|nosonar|zizmor: ignore(?=\[)"
    r"|noqa:[\w ,]{0,40}?\bs\d{3}|nolint:[\w ,]{0,40}?\bgosec)\b"
    r"|\b(?P<query>lgtm\[|codeql\[)|(?P<annotation>@suppressfbwarnings)\b",
    re.IGNORECASE,
)
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_COMMENT = regex(r"#|//|/\*|--|<!--|;|%|^\s*\*")
_REACH = 300
"""Characters before a mark in which its comment begins, and after it in which it ends."""
_ENDS = regex(
    r"\b(?:until|expires?|expiry|exp|ends?|review(?:ed)? by|remove (?:by|after)|valid until)\b"
    r"[\s:=]{0,4}(?:on )?(20\d\d-\d\d-\d\d)",
    re.IGNORECASE,
)
_RULE = regex(r"[\s:=\[(\"]{0,4}([A-Za-z][\w.-]{1,80})")
_REASON = regex(r"(?:--?|#|:|because|reason)[\s:]*(?:[^\W\d_]{2,}\W+){2,}[^\W\d_]{2,}", re.I)


class Exceptions(msgspec.Struct, frozen=True, kw_only=True):
    """What one file sets aside. `register` tells a list of exceptions from code.

    `count` is how many there are, of which `found` tells the first. `problem` says why a register
    could not be read.
    """

    register: bool
    count: int = 0
    found: tuple[SetAside, ...] = ()
    problem: str = ""


def _is_register(path: str) -> bool:
    return register_of(path) is not None


def _is_infrastructure(path: str) -> bool:
    lower = path.lower()
    return lower.endswith(_INFRASTRUCTURE) and not is_foreign(path) and not is_fixture(path)


def _wants(file: TreeFile) -> bool:
    path = file.path
    if file.size <= MAX_CODE_BYTES and (is_own_code(path) or _is_infrastructure(path)):
        return True
    return _is_register(path)


def read_exceptions(path: str, text: str) -> Exceptions | None:
    """Return what a file sets aside, or None when it is no register and sets nothing aside."""
    register = register_of(path)
    if register is None:
        return _inline(text, _IN_INFRASTRUCTURE if _is_infrastructure(path) else _IN_CODE)
    found: list[SetAside] = []
    count = 0
    try:
        for each in register(text):
            count += 1
            if len(found) < MAX_SET_ASIDE:
                found.append(each)
    except Unreadable as error:
        return Exceptions(register=True, problem=str(error)[:200])
    return Exceptions(register=True, count=count, found=tuple(found))


def _inline(text: str, signs: tuple[tuple[str, int], ...]) -> Exceptions | None:
    found: list[SetAside] = []
    count = 0
    line, at = 1, 0
    for match in _marks(text, signs):
        begin = text.rfind("\n", max(0, match.start() - _REACH), match.start()) + 1
        before = text[max(begin, match.start() - _REACH) : match.start()]
        if not match["annotation"] and not _COMMENT.search(before):
            continue
        count += 1
        if len(found) < MAX_INLINE:
            line += text.count("\n", at, match.start())
            at = match.start()
            rest = text[match.end() : match.end() + _REACH].partition("\n")[0]
            found.append(_exception(match[0].lower(), rest, line))
    return Exceptions(register=False, count=count, found=tuple(found)) if found else None


def _marks(text: str, signs: tuple[tuple[str, int], ...]) -> list[re.Match[str]]:
    """Return the marks of a text in order.

    Most files hold none: plain searches find out fifty times faster than one expression.
    """
    plain = text.lower()
    if len(plain) != len(text):
        # A few letters become two when lowered, which would move all behind them.
        plain = text.translate(_ASCII_LOWER)
    starts: set[int] = set()
    for sign, behind in signs:
        at = plain.find(sign)
        while at >= 0:
            starts.add(max(0, at - behind))
            at = plain.find(sign, at + 1)
    found = (_MARK.match(text, start) for start in sorted(starts))
    return [match for match in found if match]


def _exception(mark: str, rest: str, line: int) -> SetAside:
    word, _, rule = mark.partition(":")
    if word == "noqa":
        tool, rule = "ruff", rule[-4:]
    elif word == "nolint":
        tool, rule = "golangci-lint", "gosec"
    else:
        tool, named = _TOOLS[mark], _RULE.match(rest)
        rule = named[1] if named and not mark.startswith("pragma") else ""
    ends = _ENDS.search(rest)
    return SetAside(
        tool=tool,
        rule=rule,
        line=line,
        ends=day_in(ends[1]) if ends else None,
        reasoned=_REASON.search(rest) is not None,
    )


EXTRACT = Extract(
    version=1, kind=Exceptions, wants=_wants, read=read_exceptions, first=_is_register, most=1000
)
