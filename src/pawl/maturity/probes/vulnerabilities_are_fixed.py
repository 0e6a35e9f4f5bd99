"""Known vulnerabilities of dependencies are fixed within the time their severity allows.

Claims: a dependency scanner runs, and what it finds does not stay open for too long.

Looks at: SARIF reports of dependency scanners of 90 days; older reports tell how long a finding
has been there. The times are those of two public rules: 15 days for critical (CISA, BOD 19-02),
30 for high, 90 for medium, 180 for low (FedRAMP's continuous monitoring).

Fooled by: a finding set aside for ever (a suppression counts only while an exception for it with
an end is in the tree), a report without a commit, of a failed scan or of a commit that the host
does not know (does not count), a first report that makes everything look new (a finding whose
beginning is not known leaves `overdue` unknown).

Yes: a scan ran; `open`, `overdue` and `within` say how it stands. No: everything that is open is
overdue. Cannot tell: no report that counts.
"""

from typing import Any

import msgspec

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.extracts.exceptions_inline import Exceptions
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.reports import Scan, ScanResult
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between, share_of, whole_days
from pawl.maturity.looking.scans import Scans, is_dependency_scan, is_vulnerability, scans_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_DAYS = ((9.0, 15), (7.0, 30), (4.0, 90), (0.0, 180))
"""Days by the lowest CVSS score they hold for; sources above."""
_SCORE_OF_LEVEL = {"error": 7.0, "warning": 4.0, "note": 0.1, "none": 0.0}
"""A score for reports without one: SARIF's levels as scanners use them."""


class _Open(msgspec.Struct, frozen=True):
    """One open vulnerability; `overdue` is None when its beginning is not known."""

    result: ScanResult
    overdue: bool | None


def _judge(facts: Facts) -> Answer:
    scans = scans_of(facts, is_dependency_scan, WINDOW_DAYS)
    if not scans.counted:
        if isinstance(facts.reports, Absent):
            return cannot_tell(facts.reports)
        why = f" ({scans.why})" if scans.why else ""
        return cannot_tell(
            f"No dependency scan of {WINDOW_DAYS} days counts{why}; export its SARIF report with "
            "the commit."
        )
    excused = _excused(facts)
    newest: dict[str, Scan] = {}
    for scan in scans.counted:
        newest.setdefault(scan.tool.lower(), scan)
    open_ = _open(newest.values(), scans, excused, facts.as_of)
    overdue = sum(each.overdue is True for each in open_)
    unknown = sum(each.overdue is None for each in open_)
    values: dict[str, Any] = {"open": len(open_), "undated": unknown}
    if not unknown or overdue:
        values["overdue"] = overdue
        values["within"] = share_of(len(open_) - overdue - unknown, len(open_), whole=not unknown)
    at = scans.counted[0].at or ""
    told = {
        "values": values,
        "assurance": Assurance.PROVIDER if scans.vouched else Assurance.OBSERVED,
        "places": tuple(each.result.place for each in open_ if each.overdue and each.result.place),
        "claimed_at": at,
        "inputs": sorted(scan.digest for scan in scans.counted),
    }
    reason = (
        f"{len(open_)} vulnerabilities are open, {overdue} of them overdue"
        f"{f' and {unknown} of unknown age' if unknown else ''}, by a scan "
        f"{whole_days(at, facts.as_of)} days ago."
    )
    if open_ and overdue == len(open_):
        return no(reason, Kind.CI, **told)
    return yes(reason, Depth.RUNS, Kind.CI, **told)


def _open(newest: Any, scans: Scans, excused: frozenset[str], as_of: str) -> list[_Open]:
    """Return what is open in the newest scans, each vulnerability of a place once."""
    found: dict[tuple[str, str], _Open] = {}
    for scan in newest:
        for result in scan.results:
            if not is_vulnerability(result):
                continue
            if result.suppressed and result.rule.lower() in excused:
                continue
            found.setdefault(_key(result), _Open(result, _overdue(result, scan, scans, as_of)))
    return sorted(found.values(), key=lambda each: (not each.overdue, _key(each.result)))


def _overdue(result: ScanResult, scan: Scan, scans: Scans, as_of: str) -> bool | None:
    """Say whether a finding is open for longer than allowed; None when it may be.

    Its beginning is known when the scanner tells it, or when an earlier scan did not find it.
    """
    score = result.severity
    if score is None:
        score = _SCORE_OF_LEVEL[result.level]
    allowed = next(days for lowest, days in _DAYS if score >= lowest)
    if result.since:
        return days_between(result.since, as_of) > allowed
    first, known = scan.at or as_of, False
    for earlier in scans.all:
        if earlier.tool.lower() != scan.tool.lower() or (earlier.at or "") >= first:
            continue
        if _key(result) not in {_key(each) for each in earlier.results}:
            known = True
            break
        first = earlier.at or first
    if days_between(first, as_of) > allowed:
        return True
    return False if known else None


def _key(result: ScanResult) -> tuple[str, str]:
    return result.rule.lower(), result.place.path if result.place else ""


def _excused(facts: Facts) -> frozenset[str]:
    """Return the rules that an exception with an end sets aside today."""
    if isinstance(facts.tree, Absent):
        return frozenset()
    day = facts.as_of[:10]
    return frozenset(
        each.rule.lower()
        for _, file in facts.tree.read("exceptions-inline", Exceptions)
        if file.register
        for each in file.found
        if each.rule and each.ends and each.ends > day
    )


PROBE = Probe(
    claim="Vulnerabilities are fixed in time",
    area="security",
    version=1,
    kinds=(Kind.CI,),
    depth=Depth.RUNS,
    values={
        "open": "vulnerabilities of the last scan of each tool that are not set aside with an end",
        "overdue": "open vulnerabilities past the days that their severity allows",
        "within": "share of open vulnerabilities within their time",
        "undated": "open vulnerabilities whose beginning is not known",
    },
    remedy=Remedy(
        "Scan dependencies on a schedule, update the overdue ones first, and give what cannot be "
        "fixed yet an exception with an end.",
        2.0,
    ),
    judge=_judge,
)
