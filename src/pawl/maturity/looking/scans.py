"""Scans that prove something: dated, bound to a commit, finished, and looking for anything."""

import re
from collections.abc import Callable

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.reports import Scan, ScanResult
from pawl.maturity.looking.recent import within

SECRET_SCANNERS = (
    "detect-secrets", "detect_secrets", "gg-shield", "ggshield", "git-secrets", "gitguardian",
    "gitleaks", "kingfisher", "noseyparker", "secretlint", "talisman", "trufflehog", "whispers",
)  # fmt: skip
"""Tools that look for secrets, as their reports and commands name them (read 2026-11)."""
_VULNERABILITY = regex(
    r"(?:^|[^a-z])(?:cve-\d{4}-\d{3,}|ghsa(?:-[\w]{4}){3}|pysec-\d|rustsec-\d|go-\d{4}-\d|osv-\d"
    r"|snyk-[a-z]|npm:[\w.-]+:\d|dsa-\d|usn-\d|alas\d?-)",
    re.IGNORECASE,
)
_DEPENDENCY_SCANNERS = (
    "cargo-audit", "cargo-deny", "clair", "dependabot", "dependency-check", "depcheck",
    "govulncheck", "grype", "npm-audit", "osv", "pip-audit", "safety", "snyk", "trivy", "xray",
)  # fmt: skip


class Scans(msgspec.Struct, frozen=True, kw_only=True):
    """Scans of one purpose. `counted` are the window's, newest first; `all` has older ones too.

    The other numbers say why some did not count. `vouched`: the code host knows a counted
    scan's commit.
    """

    counted: tuple[Scan, ...] = ()
    all: tuple[Scan, ...] = ()
    unbound: int = 0
    failed: int = 0
    empty: int = 0
    unknown: int = 0
    old: int = 0
    vouched: bool = False

    @property
    def why(self) -> str:
        """Say by numbers why the scans that are there do not count; empty when there are none."""
        parts = (
            (self.unbound, "without a time or a commit"),
            (self.failed, "did not finish"),
            (self.empty, "looked for nothing"),
            (self.unknown, "of a commit nobody knows"),
            (self.old, "too old"),
        )
        return ", ".join(f"{count} {what}" for count, what in parts if count)


def is_secret_scanner(name: str) -> bool:
    """Say whether a tool, command or action looks for secrets."""
    lower = name.lower()
    return any(tool in lower for tool in SECRET_SCANNERS)


def is_secret_scan(scan: Scan) -> bool:
    """Say whether a scan looked for secrets."""
    return is_secret_scanner(scan.tool)


def is_vulnerability(result: ScanResult) -> bool:
    """Say whether a scan's result is a known vulnerability of a dependency."""
    return _VULNERABILITY.search(result.rule) is not None


def is_dependency_scan(scan: Scan) -> bool:
    """Say whether a scan looked for known vulnerabilities."""
    name = scan.tool.lower().replace(" ", "-")
    return any(tool in name for tool in _DEPENDENCY_SCANNERS) or any(
        map(is_vulnerability, scan.results)
    )


def scans_of(facts: Facts, kind: Callable[[Scan], bool], days: float) -> Scans:
    """Return the scans of one kind and which of them count, newest first."""
    if isinstance(facts.reports, Absent):
        return Scans()
    provided, known = _commits(facts)
    counted: dict[str, Scan] = {}
    sound: list[Scan] = []
    why = dict.fromkeys(("unbound", "failed", "empty", "unknown", "old"), 0)
    vouched = False
    for scan in facts.reports.scans:
        if not kind(scan):
            continue
        problem = _problem(scan, known)
        if problem:
            why[problem] += 1
            continue
        sound.append(scan)
        if not within(scan.at, facts.as_of, days):
            why["old"] += 1
            continue
        vouched = vouched or scan.commit in provided
        counted[scan.digest] = scan
    return Scans(
        counted=tuple(sorted(counted.values(), key=lambda each: each.at or "", reverse=True)),
        all=tuple(sorted(sound, key=lambda each: each.at or "", reverse=True)),
        vouched=vouched,
        **why,
    )


def _problem(scan: Scan, known: frozenset[str] | None) -> str:
    if scan.at is None or not scan.commit:
        return "unbound"
    if scan.succeeded is False:
        return "failed"
    if not scan.rules and not scan.results:
        return "empty"
    return "unknown" if known is not None and scan.commit not in known else ""


def _commits(facts: Facts) -> tuple[frozenset[str], frozenset[str] | None]:
    """Return the commits that the host knows, and all that anybody does; None without a host."""
    if isinstance(facts.host, Absent):
        return frozenset(), None
    provided = {run.commit for run in facts.host.runs}
    for change in facts.host.changes:
        provided |= {change.head, change.merge_commit}
    known = set(provided)
    if not isinstance(facts.history, Absent):
        known |= {commit.id for commit in facts.history.commits}
    if not isinstance(facts.tree, Absent):
        known.add(facts.tree.commit)
    named = frozenset(each for each in known if each)
    return frozenset(each for each in provided if each), named or None
