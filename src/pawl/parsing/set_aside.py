"""Registers in which scanners and teams set findings aside, as a list of what was set aside.

Each reader takes one format: Trivy's ignore files, Snyk's policy, OSV-Scanner's and cargo's
configuration, Grype's, gitleaks' and dependency-check's lists, OpenVEX, CycloneDX and CSAF
statements, Pawl's own exemptions. (The tools' manuals, read 2026-11.) What is not readable is a
problem to tell, never an empty list.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.patterns import regex

MAX_SET_ASIDE = 2000
"""Entries of one register; beyond, the register itself is the finding."""


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """One finding or rule set aside. `ends` is an ISO day, None where it never ends.

    `rule` names what is set aside; empty for everything at that place. `reasoned` tells whether a
    reason stands beside it.
    """

    tool: str
    rule: str = ""
    line: int | None = None
    ends: str | None = None
    reasoned: bool = False
    renewals: int = 0


Read = Iterator[SetAside]
_DAY = regex(r"(?<!\d)(20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\d)")


class Unreadable(Exception):
    """A register whose syntax is broken; its text says how."""


def day_in(value: Any) -> str | None:
    """Return the ISO day that a value begins or ends with, or None."""
    match = _DAY.search(str(value)[:200]) if value is not None else None
    return match[1] if match else None


def _yaml(text: str) -> Any:
    # Imported here: it costs 30 ms, and most trees hold none of these files.
    from pawl.base.yaml_text import parse_yaml

    try:
        return parse_yaml(text, place="register")
    except BadFile as error:
        raise Unreadable(error.message) from error


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable(f"not readable as TOML: {error}.") from error


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not readable as JSON: {error}.") from error


def _tables(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        value = list(value.values())
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _word(value: Any) -> str:
    return str(value)[:120] if isinstance(value, str | int) else ""


def trivy_lines(text: str) -> Read:
    """Read `.trivyignore`: an id a line, with `exp:` and a day where it ends."""
    for number, line in enumerate(text.splitlines(), start=1):
        entry, _, comment = line.partition("#")
        words = entry.split()
        if words:
            ends = next((day_in(word) for word in words if word.startswith("exp:")), None)
            before = text.splitlines()[number - 2].strip() if number > 1 and number < 5000 else ""
            yield SetAside(
                tool="trivy",
                rule=words[0][:120],
                line=number,
                ends=ends,
                reasoned=bool(comment.strip()) or before.startswith("#"),
            )


def trivy_yaml(text: str) -> Read:
    """Read `.trivyignore.yaml`: kinds of findings, each with `expired_at`."""
    value = _yaml(text)
    for kind in value.values() if isinstance(value, dict) else ():
        for entry in _tables(kind):
            yield SetAside(
                tool="trivy",
                rule=_word(entry.get("id")),
                ends=day_in(entry.get("expired_at")),
                reasoned=bool(entry.get("statement")),
            )


def snyk(text: str) -> Read:
    """Read `.snyk`: for each id the places with `expires`."""
    value = _yaml(text)
    ignored = value.get("ignore") if isinstance(value, dict) else None
    for rule, places in ignored.items() if isinstance(ignored, dict) else ():
        for place in places if isinstance(places, list) else [places]:
            told = _tables(place) or [{}]
            for entry in told:
                yield SetAside(
                    tool="snyk",
                    rule=_word(rule),
                    ends=day_in(entry.get("expires")),
                    reasoned=bool(entry.get("reason")),
                )


def osv(text: str) -> Read:
    """Read `osv-scanner.toml`: ignored ids with `ignoreUntil`, packages with `effectiveUntil`."""
    value = _toml(text)
    for entry in _tables(value.get("IgnoredVulns", [])):
        yield SetAside(
            tool="osv-scanner",
            rule=_word(entry.get("id")),
            ends=day_in(entry.get("ignoreUntil")),
            reasoned=bool(entry.get("reason")),
        )
    for entry in _tables(value.get("PackageOverrides", [])):
        if entry.get("ignore") or entry.get("vulnerability"):
            yield SetAside(
                tool="osv-scanner",
                rule=_word(entry.get("name")),
                ends=day_in(entry.get("effectiveUntil")),
                reasoned=bool(entry.get("reason")),
            )


def cargo(text: str) -> Read:
    """Read `deny.toml` and cargo-audit's `audit.toml`: ignored advisories, which never end."""
    advisories = _toml(text).get("advisories")
    ignored = advisories.get("ignore", []) if isinstance(advisories, dict) else []
    for entry in ignored if isinstance(ignored, list) else ():
        told = entry if isinstance(entry, dict) else {"id": entry}
        yield SetAside(tool="cargo", rule=_word(told.get("id")), reasoned=bool(told.get("reason")))


def grype(text: str) -> Read:
    """Read `.grype.yaml`: ignore rules, which never end."""
    value = _yaml(text)
    for entry in _tables(value.get("ignore")) if isinstance(value, dict) else ():
        yield SetAside(
            tool="grype",
            rule=_word(entry.get("vulnerability")),
            reasoned=bool(entry.get("reason")),
        )


def gitleaks_lines(text: str) -> Read:
    """Read `.gitleaksignore`: a fingerprint a line, which never ends."""
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.partition("#")[0].strip()
        if entry:
            yield SetAside(tool="gitleaks", rule=entry[:120], line=number)


_SUPPRESS = regex(r"<suppress\b([^>]{0,500})>(.{0,4000}?)</suppress>", re.DOTALL)


def dependency_check(text: str) -> Read:
    """Read OWASP dependency-check's suppressions: `until` is where one ends.

    Read as text: XML can ask for other files and for endless expansion.
    """
    for match in _SUPPRESS.finditer(text):
        named = re.search(r"<(?:cve|vulnerabilityName)[^>]{0,100}>([^<]{1,120})<", match[2])
        yield SetAside(
            tool="dependency-check",
            rule=named[1] if named else "",
            line=text.count("\n", 0, match.start()) + 1,
            ends=day_in(match[1]) if "until" in match[1] else None,
            reasoned="<notes" in match[2],
        )


def vex(text: str) -> Read:
    """Read OpenVEX, CycloneDX and CSAF: statements that a vulnerability does not matter here."""
    value = _json(text)
    if not isinstance(value, dict):
        return
    for each in _tables(value.get("statements")):
        if each.get("status") == "not_affected":
            named = each.get("vulnerability")
            rule = named.get("name") if isinstance(named, dict) else named
            ends = day_in(each.get("valid_until") or each.get("expires"))
            reasoned = bool(each.get("justification") or each.get("impact_statement"))
            yield SetAside(tool="vex", rule=_word(rule), ends=ends, reasoned=reasoned)
    for each in _tables(value.get("vulnerabilities")):
        analysis = each.get("analysis")
        if isinstance(analysis, dict) and analysis.get("state") in (
            "not_affected",
            "false_positive",
        ):
            reasoned = bool(analysis.get("justification") or analysis.get("detail"))
            yield SetAside(tool="vex", rule=_word(each.get("id")), reasoned=reasoned)
        status = each.get("product_status")
        if isinstance(status, dict) and status.get("known_not_affected"):
            yield SetAside(
                tool="vex", rule=_word(each.get("cve")), reasoned=bool(each.get("flags"))
            )


def pawl(text: str) -> Read:
    """Read `.pawl/exemptions.yaml`."""
    value = _yaml(text)
    for entry in _tables(value.get("exemptions")) if isinstance(value, dict) else ():
        renewals = entry.get("renewals")
        yield SetAside(
            tool="pawl",
            rule=_word(entry.get("criterion")),
            ends=day_in(entry.get("expires")),
            reasoned=bool(entry.get("reason")),
            renewals=renewals if isinstance(renewals, int) else 0,
        )


REGISTERS: dict[str, Callable[[str], Read]] = {
    ".trivyignore": trivy_lines,
    ".trivyignore.yaml": trivy_yaml,
    ".trivyignore.yml": trivy_yaml,
    ".snyk": snyk,
    "osv-scanner.toml": osv,
    "deny.toml": cargo,
    "audit.toml": cargo,
    ".grype.yaml": grype,
    ".grype.yml": grype,
    ".gitleaksignore": gitleaks_lines,
    "dependency-check-suppressions.xml": dependency_check,
    "suppression.xml": dependency_check,
    "suppressions.xml": dependency_check,
}
"""Readers by a file's lower-case name."""


def register_of(path: str) -> Callable[[str], Read] | None:
    """Return the reader of a register by its path, or None for other files."""
    lower = path.lower()
    name = lower[lower.rfind("/") + 1 :]
    if lower == ".pawl/exemptions.yaml":
        return pawl
    if name.endswith((".vex.json", ".openvex.json", ".vex.cdx.json")) or name in (
        "vex.json",
        "openvex.json",
    ):
        return vex
    if name.endswith(".json"):
        folders = lower.split("/")[:-1]
        return vex if ".vex" in folders or "vex" in folders else None
    return REGISTERS.get(name)
