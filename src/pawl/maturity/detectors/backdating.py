"""Evidence claims to be older than it can be.

Notices records of events whose own date lies a week or more before Pawl first saw them, although
Pawl looked in between and the answer was no; commits of the default branch that stand in an order
their dates deny; and commits that earlier assessments of the default branch saw and of which it
no longer has any. An older version, another branch and a shallow clone are not compared.

A date that a provider or a signature vouches for is believed. Files and commits may be written
long before they are merged, so of them only the order is judged. Age never earns credit in any
case: every duration counts from our own first sight.

Innocent: an imported history, or an export that was late. Remedy: one signed record of the import;
let the provider's own export vouch. Removes: the credit of the records named, or of what rests on
history, is provisional; a few disordered dates and bare claims are noted.
"""

from collections.abc import Sequence

from pawl.base.finding import Outcome
from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Assurance, Kind, Record
from pawl.maturity.facts import Absent
from pawl.maturity.facts.history import Commit
from pawl.maturity.looking.noticing import Voice, before, began
from pawl.maturity.looking.recent import days_between
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G11",
    "The history was imported, or an export came late.",
    "Record the import once and sign it, or hand over the provider's own export.",
)
_EVENTS = frozenset({Kind.CI, Kind.HOST, Kind.TELEMETRY, Kind.INCIDENT, Kind.ATTESTATION})
HISTORY_PROBES = (
    "knowledge-is-spread",
    "hot-code-is-refactored",
    "decisions-are-reviewed",
    "lead-time-is-known",
    "rework-is-known",
    "default-branch-is-protected",
)
"""Probes whose answers rest on the order and the dates of commits."""


def look(look: Look) -> list[Hit]:
    """Return hits for claimed dates, for the order of commits, and for a rewritten branch."""
    history = look.facts.history
    commits = () if isinstance(history, Absent) else history.commits
    return [*_claims(look), *_disorder(look, commits), *_rewritten(look, commits)]


def _claims(look: Look) -> list[Hit]:
    denied: list[Record] = []
    bare: list[Record] = []
    for _, record in sorted(look.records.items()):
        if record.outcome is not Outcome.PASS or record.claimed_at is None:
            continue
        if record.assurance >= Assurance.SIGNED or not _EVENTS & set(record.kinds):
            continue
        first = began(look, record)
        if _early(first) < look.numbers["early_days"]:
            continue
        earlier = before(look, first)
        looked = earlier is not None and earlier.outcome is Outcome.FAIL
        after_claim = looked and (first.claimed_at or "") < (earlier.observed_at if earlier else "")
        if after_claim:
            denied.append(record)
        elif record.assurance is Assurance.DECLARED or Kind.ATTESTATION in record.kinds:
            bare.append(record)
    hits = []
    if denied:
        hits.append(
            _VOICE.hit(
                f"{len(denied)} records claim a date on which the answer was still no.",
                "strong",
                "provisional",
                probes=[each.probe for each in denied],
                evidence=[each.id for each in denied],
            )
        )
    if bare:
        hits.append(
            _VOICE.hit(
                f"{len(bare)} records claim a date that nothing vouches for; it earns no age.",
                "weak",
                "note",
                probes=[each.probe for each in bare],
                evidence=[each.id for each in bare],
            )
        )
    return hits


def _early(first: Record) -> float:
    """Return how many days a record's claim lies before its first sight."""
    return days_between(first.claimed_at or first.observed_at, first.observed_at)


def _disorder(look: Look, commits: Sequence[Commit]) -> list[Hit]:
    """Compare each commit of the first-parent line with its parent: it cannot be much older."""
    line = [each for each in commits if each.first_parent]
    by_id = {each.id: each for each in line}
    disordered = 0
    for child in line:
        parent = by_id.get(child.parents[0]) if child.parents else None
        if parent is None:
            continue
        back = days_between(child.committed_at, parent.committed_at)
        disordered += back > look.numbers["disorder_days"]
    if not disordered:
        return []
    many = disordered >= look.numbers["disorder_min"]
    return [
        _VOICE.hit(
            f"{disordered} commits claim to be more than {look.numbers['disorder_days']:g} d older "
            "than the commit they follow.",
            "medium" if many else "weak",
            "provisional" if many else "note",
            probes=HISTORY_PROBES,
        )
    ]


def _rewritten(look: Look, commits: Sequence[Commit]) -> list[Hit]:
    history = look.facts.history
    if isinstance(history, Absent) or history.shallow or not commits or not look.seen_commits:
        return []
    known = {each.id for each in commits}
    # Whoever looked last saw the newest commit; that one is within the window.
    if any(each in known for each in look.seen_commits):
        return []
    return [
        _VOICE.hit(
            "The branch holds none of the commits that earlier assessments looked at.",
            "strong",
            "provisional",
            probes=HISTORY_PROBES,
        )
    ]


DETECTOR = Detector(
    code="G11",
    name="Backdating",
    what="Evidence claims to be older than it can be.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
