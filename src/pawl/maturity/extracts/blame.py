"""Read postmortems for lines that put the fault on a person.

Only counts and line numbers are kept, never a name or a sentence. Thanking somebody by name is
no blame, and neither is a role in a timeline.
"""

import re

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.languages import is_fixture, is_foreign

MAX_LINES = 20
MAX_BYTES = 512 * 1024
_SUFFIXES = (".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt")
_POSTMORTEM = regex(r"post-?mortems?|incident-reports?|retrospectives?/", re.IGNORECASE)
_HASTE = r"(?:'s)?\s+(?:[a-z]{2,15}ly\s+|had\s+|then\s+|just\s+|simply\s+){0,2}"
_HUMAN = (
    r"(?:forgot|neglected|screwed up|messed up|botched|did(?:n't| not) (?:bother|think|care)"
    r"|should have known|was (?:careless|negligent|sloppy|lazy|at fault)"
    r"|made (?:a|the|an) (?:\w+ )?(?:mistake|error))\b"
)
"""What only people do: a capital word before it is a name, where "Kafka failed to" is none."""
_FAULT = regex(
    r"(?:@[A-Za-z0-9][\w-]{1,38}(?![\w/-])|\b(?:[Hh]e|[Ss]he)\b|\b[Tt]he (?:engineer|developer"
    r"|operator|on-?call(?:er)?|admin(?:istrator)?|intern|contractor|author|reviewer|colleague"
    r"|employee)\b)" + _HASTE + r"(?:" + _HUMAN + r"|(?:failed to|broke|ignored|overlooked"
    r"|did(?:n't| not) (?:check|read|follow|notice|test|review)|should(?:n't| not)? have"
    r"|caused the (?:incident|outage|problem))\b)"
)
_NAMED = regex(
    r"\b(?!(?:The|This|That|It|We|They|Nobody|Our|You|Team|Everyone|Who)\b)"
    r"[A-Z][a-z]{2,15}(?: [A-Z][a-z]{2,20})?" + _HASTE + _HUMAN
)
_CAUSE = regex(
    r"(?i)\b(?:root cause|cause|reason)\b.{0,40}\b(?:human|operator|user|pilot) error\b"
    r"|\b(?:fault|blame|carelessness|negligence|mistake|incompetence) of\b.{0,30}@?\w"
    r"|\bto blame\b|\bblame (?:lies|is|goes)\b|\bdisciplin(?:ed|ary)\b"
    r"|\bwas (?:fired|reprimanded)\b"
)
_NEGATED = regex(r"(?i)\b(?:blameless|no(?:t| one| body|body)?\b.{0,20}\b(?:blame|fault))")
_THANKS = regex(r"(?i)\b(?:thank|thanks|kudos|credit|well done|great work|shout-?out)")


class Blame(msgspec.Struct, frozen=True):
    """Lines of one postmortem that put the fault on a person, the first twenty, and how many."""

    count: int
    lines: tuple[int, ...] = ()


def _wants(file: TreeFile) -> bool:
    path = file.path
    if file.size > MAX_BYTES or not path.lower().endswith(_SUFFIXES):
        return False
    return bool(_POSTMORTEM.search(path)) and not is_foreign(path) and not is_fixture(path)


def read_blame(path: str, text: str) -> Blame:
    """Return where a postmortem blames; any text may be one."""
    lines = [
        number for number, line in enumerate(text.splitlines(), start=1) if _blames(line[:2000])
    ]
    return Blame(len(lines), tuple(lines[:MAX_LINES]))


def _blames(line: str) -> bool:
    if _THANKS.search(line) or _NEGATED.search(line):
        return False
    return any(rule.search(line) for rule in (_CAUSE, _FAULT, _NAMED))


EXTRACT = Extract(
    version=1, kind=Blame, wants=_wants, read=read_blame, suffixes=frozenset(_SUFFIXES)
)
