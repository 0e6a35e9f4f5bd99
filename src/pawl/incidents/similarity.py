"""Which earlier incidents one is like: by fingerprint, by root cause, by words.

A fingerprint is versioned, so that a better way of making it never mixes with the old one. What is
found is a proposal: only a human makes a repeat of it, and what was dismissed stays away.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from pawl.base.canonical import digest
from pawl.base.times import seconds_between
from pawl.incidents.incident import Incident, Milestone, State

VERSION = 1
MAX_CHARACTERS = 4_000
"""Characters of an error that a fingerprint looks at; what tells errors apart comes first."""

# In ASCII, so that no version of Unicode changes a fingerprint. No replacement is longer than what
# it replaces, and none is what another pattern looks for.
_REPLACED = tuple(
    (re.compile(pattern, re.ASCII), mark)
    for pattern, mark in (
        (r"\"[^\"]*\"|`[^`]*`|(?<!\w)'[^']*'(?!\w)", "~"),
        (r"\b[a-z][a-z0-9+.-]*://[^\s\"]+", "@"),
        (r"\b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:z|[+-]\d\d:?\d\d)?)?", "#"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "@"),
        (r"\b(?:[a-z0-9-]+\.)+(?:internal|local|svc|com|net|org|io|dev)\b(?::\d+)?", "@"),
        (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "#"),
        (r"\b0x[0-9a-f]+\b|(?<![a-z0-9])(?=[a-f]*\d)[0-9a-f]{7,}(?![a-z0-9])", "#"),
        (r"(?<![a-z0-9])(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{16,}(?![a-z0-9])", "#"),
        (r"\d+(?:[.,:]\d+)*", "#"),
        (r"\s+", " "),
    )
)
_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an incident looks like from outside, as far as it is known."""

    component: str = ""
    failure_class: str = ""
    error: str = ""
    policy: str = ""
    model_family: str = ""


class Similar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An earlier incident, and what makes it alike. `words` is a score from 0 to 1."""

    incident: str
    same_fingerprint: bool
    same_root_cause: bool
    words: float
    why: str


def fingerprint(signature: Signature) -> str:
    """Return `fp:1:` and a digest; empty for a signature that says nothing."""
    plain = {name: normalised(getattr(signature, name)) for name in Signature.__struct_fields__}
    return f"fp:{VERSION}:{digest(plain)}" if any(plain.values()) else ""


def normalised(text: str) -> str:
    """Return an error without what is new each time: numbers, ids, hosts, times, quoted text.

    Doing it again changes nothing.
    """
    text = text[:MAX_CHARACTERS].translate(_UPPER).strip()
    # Each round that changes anything leaves fewer letters, digits, quotes or spaces, so it ends.
    while (new := _once(text)) != text:
        text = new
    return text


def similar(
    incident: Incident,
    others: Iterable[Incident],
    words: Mapping[str, float],
    *,
    repeat_days: float,
    words_at_least: float,
    most: int = 20,
) -> tuple[Similar, ...]:
    """Return earlier incidents that are like one, the likest first.

    `words` are scores of a search from 0 to 1 by id; whoever has none is not like it by words. An
    equal fingerprint comes before an equal root cause, and both before words, so nothing that is
    only worded alike ever pushes them down.
    """
    found = []
    for each in others:
        if each.id == incident.id or each.state in (State.MERGED, State.DECLINED):
            continue
        if each.id in incident.dismissed or incident.id in each.dismissed:
            continue
        same_print = bool(incident.fingerprint) and each.fingerprint == incident.fingerprint
        same_cause = (
            bool(incident.root_cause_key)
            and each.root_cause_key == incident.root_cause_key
            and _apart(incident, each) <= repeat_days * 86_400
        )
        score = min(1.0, max(0.0, words.get(each.id, 0.0)))
        if same_print or same_cause or score >= words_at_least > 0:
            why = _why(same_print, same_cause, score)
            found.append(
                Similar(
                    incident=each.id,
                    same_fingerprint=same_print,
                    same_root_cause=same_cause,
                    words=score,
                    why=why,
                )
            )
    found.sort(
        key=lambda one: (-one.same_fingerprint, -one.same_root_cause, -one.words, one.incident)
    )
    return tuple(found[:most])


def _once(text: str) -> str:
    for pattern, mark in _REPLACED:
        text = pattern.sub(mark, text)
    return text.strip()


def _apart(one: Incident, other: Incident) -> float:
    """Return the seconds between the end of the earlier one and the beginning of the later."""
    first, second = sorted((one, other), key=lambda each: _declared(each))
    ended = first.recorded(Milestone.RESOLVED) or _declared(first)
    return max(0.0, seconds_between(ended, _declared(second)))


def _declared(incident: Incident) -> str:
    return incident.recorded(Milestone.DECLARED) or incident.changed_at


def _why(same_print: bool, same_cause: bool, score: float) -> str:
    reasons = []
    if same_print:
        reasons.append("it has the same fingerprint")
    if same_cause:
        reasons.append("its postmortem names the same root cause")
    if score > 0:
        reasons.append(f"its words are alike ({score:.2f})")
    return f"{', '.join(reasons)}.".capitalize()
