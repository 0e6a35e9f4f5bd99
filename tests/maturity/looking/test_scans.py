"""Which scans prove something."""

from typing import Any

import pytest
from tests.maturity.told import facts

from pawl.maturity.facts.reports import Scan, ScanResult
from pawl.maturity.looking.scans import (
    is_dependency_scan,
    is_secret_scan,
    is_secret_scanner,
    is_vulnerability,
    scans_of,
)

SCAN: dict[str, Any] = {
    "source": "s",
    "digest": "d",
    "tool": "gitleaks",
    "at": "2026-11-15T00:00:00.000000Z",
    "commit": "c" * 40,
    "rules": 5,
}
HOST: dict[str, Any] = {
    "product": "github",
    "repository": "acme/shop",
    "exported_at": "2026-11-20T00:00:00.000000Z",
    "complete_since": "2026-01-01T00:00:00.000000Z",
    "default_branch": "main",
    "runs": [{"id": "1", "workflow": "ci", "commit": "c" * 40, "started_at": SCAN["at"]}],
}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"at": None}, "1 without a time or a commit"),
        ({"commit": None}, "1 without a time or a commit"),
        ({"succeeded": False}, "1 did not finish"),
        ({"rules": 0}, "1 looked for nothing"),
        ({"commit": "e" * 40}, "1 of a commit nobody knows"),
        ({"at": "2026-01-15T00:00:00.000000Z"}, "1 too old"),
    ],
)
def test_a_scan_that_proves_nothing_is_told_by_number(changed: dict[str, Any], why: str) -> None:
    """Each way not to count has its own words."""
    scans = scans_of(facts(reports={"scans": [{**SCAN, **changed}]}, host=HOST), is_secret_scan, 90)
    assert scans.counted == ()
    assert scans.why == why


def test_a_scan_of_a_commit_that_the_host_ran_is_vouched_for() -> None:
    """With the host's record the commit is the provider's word, without it the report's."""
    reports = {"scans": [SCAN, SCAN]}
    vouched = scans_of(facts(reports=reports, host=HOST), is_secret_scan, 90)
    assert (len(vouched.counted), vouched.vouched) == (1, True)
    alone = scans_of(facts(reports=reports), is_secret_scan, 90)
    assert (len(alone.counted), alone.vouched) == (1, False)


@pytest.mark.parametrize(
    ("rule", "known"),
    [
        ("CVE-2026-12345", True),
        ("python/GHSA-abcd-1234-efgh", True),
        ("RUSTSEC-2026-0001", True),
        ("SNYK-JS-LODASH-1", True),
        ("E501", False),
        ("js/sql-injection", False),
        ("secret-key", False),
    ],
)
def test_vulnerabilities_are_known_by_their_ids(rule: str, known: bool) -> None:
    """Ids of the public databases are vulnerabilities, rules of linters are none."""
    assert is_vulnerability(ScanResult(rule=rule)) is known
    scan = Scan(source="s", digest="d", tool="scanner", results=(ScanResult(rule=rule),))
    assert is_dependency_scan(scan) is known


def test_scanners_of_secrets_are_known_by_name() -> None:
    """Commands and actions are recognised, an ordinary linter is not."""
    assert is_secret_scanner("gitleaks/gitleaks-action")
    assert is_secret_scanner("detect-secrets-hook --baseline .secrets.baseline")
    assert not is_secret_scanner("ruff check")
