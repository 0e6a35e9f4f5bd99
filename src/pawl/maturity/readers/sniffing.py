"""Tell what a handed-over file is by what it says, not by what it is called."""

import re
from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.patterns import regex
from pawl.maturity.facts.reports import Coverage, MutationRun, Sbom, Scan
from pawl.maturity.readers import coverage, mutation, sarif, sbom
from pawl.maturity.readers.operations import SCHEMA
from pawl.parsing import junit
from pawl.parsing.junit import TestRun

HEAD = 65_536
"""Characters that are looked at."""

_ROOT = regex(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_KEY = regex(r'"((?:[^"\\]|\\.){1,60})"\s*:')
_XML = {"testsuites": "junit", "testsuite": "junit", "coverage": "cobertura"}

Report = TestRun | Coverage | tuple[Scan, ...] | MutationRun | Sbom

_READERS: dict[str, Any] = {
    "junit": junit.read,
    "cobertura": coverage.read_cobertura,
    "coverage-json": coverage.read_coverage_json,
    "lcov": coverage.read_lcov,
    "sarif": sarif.read,
    "mutation-elements": mutation.read_elements,
    "mutmut": mutation.read_mutmut,
    "cyclonedx": sbom.read_cyclonedx,
    "spdx": sbom.read_spdx,
}
FORMATS = tuple(_READERS)
"""Formats of one report a file."""


def sniff(text: str) -> str | None:
    """Return one of `FORMATS`, `operations`, `exports`, or None for what is none of them."""
    head = text[:HEAD].lstrip("\ufeff \t\r\n")
    if head.startswith("<"):
        return _sniff_xml(head)
    if head.startswith("{"):
        return _sniff_json(head, _keys(text))
    lines = head.split("\n", 50)
    return "lcov" if any(line.startswith("SF:") for line in lines) else None


def read_report(form: str, text: str, source: str, digest: str) -> Report:
    """Return what a report of a known format tells; raises BadFile."""
    told: Report = _READERS[form](text, source, digest)
    return told


def _sniff_xml(head: str) -> str | None:
    # A comment or a document type may stand before the root element.
    plain = re.sub(r"<!--.*?-->|<\?.*?\?>|<![^>\[]*(?:\[.*?\]\s*)?>", "", head, flags=re.DOTALL)
    root = _ROOT.search(plain)
    return _XML.get(root[1]) if root else None


def _keys(text: str) -> set[str]:
    """Return the names at the top of a JSON object; those of its beginning if it does not parse."""
    try:
        return set(typed.decode(text.strip("\ufeff \t\r\n"), type=dict[str, msgspec.Raw]))
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return set(_KEY.findall(text[:HEAD]))


def _sniff_json(head: str, keys: set[str]) -> str | None:
    line = head.partition("\n")[0]
    if SCHEMA in line:
        return "operations"
    if "schema" in keys and '"pawl.exports/1"' in head:
        return "exports"
    if "bomFormat" in keys:
        return "cyclonedx"
    if "spdxVersion" in keys:
        return "spdx"
    if {"schemaVersion", "files"} <= keys:
        return "mutation-elements"
    if "runs" in keys and keys & {"version", "$schema"}:
        return "sarif"
    if {"meta", "files"} <= keys:
        return "coverage-json"
    if {"killed", "survived", "total"} <= keys:
        return "mutmut"
    return None


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What whoever exported a report says of it, where the report does not say it itself."""

    commit: str | None = None
    run: str | None = None
    at: str | None = None


class Exports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`exports.json`, beside reports: by file name, the commit, run and time they are of."""

    schema: str
    files: dict[str, Told] = {}
    all: Told = Told()
