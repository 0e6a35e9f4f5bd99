"""Formats are told by content."""

import pytest

from pawl.maturity.readers.sniffing import sniff

TEXTS = {
    "<?xml version='1.0'?>\n<!-- made by x -->\n<testsuites/>": "junit",
    "\ufeff<testsuite name='a'/>": "junit",
    "<!DOCTYPE coverage SYSTEM 'x'>\n<coverage/>": "cobertura",
    "<!DOCTYPE testsuites [<!ENTITY a 'b'>]>\n<testsuites/>": "junit",
    "<html></html>": None,
    '{"$schema": "https://x/sarif-2.1.0.json", "version": "2.1.0", "runs": []}': "sarif",
    '{"runs": [], "version": "2.1.0"}': "sarif",
    '{"bomFormat": "CycloneDX"}': "cyclonedx",
    '{"spdxVersion": "SPDX-2.3"}': "spdx",
    '{"files": {}, "schemaVersion": "1"}': "mutation-elements",
    '{"meta": {}, "files": {}, "totals": {}}': "coverage-json",
    '{"killed": 1, "survived": 1, "total": 2}': "mutmut",
    '{"kind": "export", "schema": "pawl.operations/1"}\n{}': "operations",
    '{"schema": "pawl.exports/1", "files": {}}': "exports",
    "TN:\nSF:a.c\nDA:1,1\nend_of_record\n": "lcov",
    '{"name": "package"}': None,
    "": None,
    "# notes": None,
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_format_is_told_by_content(text: str) -> None:
    """Root elements and top-level names decide; names of files do not."""
    assert sniff(text) == TEXTS[text]


def test_names_behind_much_content_count() -> None:
    """A long first field does not hide the ones after it."""
    source = "x" * 200_000
    text = '{"files": {"a": {"source": "' + source + '"}}, "schemaVersion": "1.0"}'
    assert sniff(text) == "mutation-elements"
