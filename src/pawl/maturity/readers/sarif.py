"""SARIF 2.1.0: what a scanner found, and whether it ran to its end.

A result that the scanner itself calls passed, open or not applicable is no finding. Whether the
tool finished stands in `invocations`; a file without them leaves that unknown, never a yes.
"""

from typing import Literal

import msgspec

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.facts.reports import Scan, ScanResult
from pawl.parsing.bounds import (
    commit_or_none,
    cut,
    decode,
    refuse,
    repository_path,
    time_or_none,
)

MAX_RESULTS = 100_000
"""Results of one run; a file with more is refused, so that none is dropped silently."""

Level = Literal["none", "note", "warning", "error"]
_PERCENT = regex(r"(?:%[0-9A-Fa-f]{2})+")


class _Configuration(msgspec.Struct, frozen=True):
    level: Level = "warning"


class _RuleProperties(msgspec.Struct, frozen=True):
    severity: str | float | None = msgspec.field(default=None, name="security-severity")


class _Rule(msgspec.Struct, frozen=True):
    id: str
    defaultConfiguration: _Configuration = _Configuration()  # noqa: N815 - the format's name
    properties: _RuleProperties = _RuleProperties()


class _Driver(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    version: str | None = None
    semantic_version: str | None = None
    rules: tuple[_Rule, ...] = ()


class _Tool(msgspec.Struct, frozen=True):
    driver: _Driver
    extensions: tuple[_Driver, ...] = ()


class _Invocation(msgspec.Struct, frozen=True, rename="camel"):
    execution_successful: bool | None = None
    end_time_utc: str | None = None
    start_time_utc: str | None = None


class _Version(msgspec.Struct, frozen=True, rename="camel"):
    revision_id: str | None = None


class _Message(msgspec.Struct, frozen=True):
    text: str | None = None
    markdown: str | None = None


class _Artifact(msgspec.Struct, frozen=True):
    uri: str | None = None


class _Region(msgspec.Struct, frozen=True, rename="camel"):
    start_line: int | None = None


class _Physical(msgspec.Struct, frozen=True, rename="camel"):
    artifact_location: _Artifact = _Artifact()
    region: _Region | None = None


class _Location(msgspec.Struct, frozen=True, rename="camel"):
    physical_location: _Physical | None = None


class _Suppression(msgspec.Struct, frozen=True):
    kind: str = ""
    status: str = "accepted"


class _Provenance(msgspec.Struct, frozen=True, rename="camel"):
    first_detection_time_utc: str | None = None


class _RuleReference(msgspec.Struct, frozen=True):
    id: str | None = None


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    message: _Message = _Message()
    rule_id: str | None = None
    rule: _RuleReference | None = None
    rule_index: int | None = None
    level: Level | None = None
    kind: str = "fail"
    locations: tuple[_Location, ...] | None = None
    suppressions: tuple[_Suppression, ...] | None = None
    baseline_state: str | None = None
    provenance: _Provenance | None = None


class _Run(msgspec.Struct, frozen=True, rename="camel"):
    tool: _Tool
    results: tuple[_Result, ...] | None = None
    invocations: tuple[_Invocation, ...] | None = None
    version_control_provenance: tuple[_Version, ...] | None = None


class _Log(msgspec.Struct, frozen=True):
    version: Literal["2.1.0"]
    runs: tuple[_Run, ...] | None


def read(text: str, source: str, digest: str) -> tuple[Scan, ...]:
    """Return the scans of a SARIF file, one for each of its runs; raises BadFile."""
    told = decode(text, _Log, source, "SARIF 2.1.0")
    return tuple(_scan(run, source, digest) for run in told.runs or ())


def _scan(run: _Run, source: str, digest: str) -> Scan:
    driver = run.tool.driver
    rules = [rule for part in (driver, *run.tool.extensions) for rule in part.rules]
    if len(run.results or ()) > MAX_RESULTS:
        refuse(f"more than {MAX_RESULTS:,} results in one run.", source)
    by_id = {rule.id: rule for rule in rules}
    results = [
        _result(result, by_id, driver)
        for result in run.results or ()
        if result.kind in ("fail", "review") and result.baseline_state != "absent"
    ]
    ends = [call.end_time_utc or call.start_time_utc for call in run.invocations or ()]
    ran = [call.execution_successful for call in run.invocations or ()]
    commits = {
        commit_or_none(version.revision_id) for version in run.version_control_provenance or ()
    }
    return Scan(
        source=source,
        digest=digest,
        tool=cut(driver.name),
        tool_version=driver.semantic_version or driver.version,
        at=max(filter(None, map(time_or_none, ends)), default=None),
        commit=commits.pop() if len(commits) == 1 else None,
        # `results: null` is the format's way to say that the scan failed to produce any.
        succeeded=False if run.results is None else _succeeded(ran),
        rules=len(by_id),
        results=tuple(results),
    )


def _succeeded(ran: list[bool | None]) -> bool | None:
    if False in ran:
        return False
    return True if ran and None not in ran else None


def _result(result: _Result, rules: dict[str, _Rule], driver: _Driver) -> ScanResult:
    name = result.rule_id or (result.rule.id if result.rule else None)
    if name is None and result.rule_index is not None:
        inside = 0 <= result.rule_index < len(driver.rules)
        name = driver.rules[result.rule_index].id if inside else None
    # `rule/part` names a part of a rule.
    rule = rules.get(name or "") or rules.get((name or "").rpartition("/")[0])
    level: Level = result.level or (rule.defaultConfiguration.level if rule else "warning")
    since = result.provenance.first_detection_time_utc if result.provenance else None
    return ScanResult(
        rule=cut(name) or "(none)",
        level=level,
        message=cut(result.message.text or result.message.markdown),
        place=_place(result.locations or ()),
        since=time_or_none(since),
        suppressed=any(each.status == "accepted" for each in result.suppressions or ()),
        severity=_number(rule.properties.severity) if rule else None,
    )


def _place(locations: tuple[_Location, ...]) -> Place | None:
    for location in locations:
        physical = location.physical_location
        if physical is not None and physical.artifact_location.uri:
            line = physical.region.start_line if physical.region else None
            path = repository_path(unquoted(physical.artifact_location.uri))[:4096]
            return Place(path, line if line and line > 0 else None)
    return None


def unquoted(uri: str) -> str:
    """Return a URI's path with its percent-encoded bytes decoded."""
    return _PERCENT.sub(
        lambda match: bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "backslashreplace"),
        uri,
    )


def _number(value: str | float | None) -> float | None:
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number <= 10 else None
