"""Coverage reports: the lines that ran and those that did not, in three formats."""

import pytest

from pawl.base.errors import BadFile
from pawl.maturity.readers.coverage import read_cobertura, read_coverage_json, read_lcov

COBERTURA = """<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage line-rate="1" version="7.6" timestamp="1763683200000">
<sources><source>/home/ci/shop/src</source></sources>
<packages><package name="shop"><classes>
<class name="a" filename="shop/a.py"><methods><method name="f"><lines>
<line number="2" hits="1"/></lines></method></methods>
<lines><line number="1" hits="3"/><line number="2" hits="0"/><line number="4" hits="0"/></lines>
</class><class name="a$1" filename="shop/a.py"><lines><line number="4" hits="1e3"/>
<line number="7" hits="0"/><line number="0" hits="1"/><line number="x" hits="1"/></lines></class>
</classes></package></packages></coverage>"""


def test_cobertura() -> None:
    """A line counts as covered wherever it was, and the type that writers name is not fetched."""
    told = read_cobertura(COBERTURA, "c.xml", "d")
    (file,) = told.files
    assert file.path == "shop/a.py"
    assert (file.covered, file.missed) == (frozenset({1, 2, 4}), frozenset({7}))
    assert told.at == "2025-11-21T00:00:00.000000Z"


def test_cobertura_in_seconds() -> None:
    """Half of the writers tell the time in seconds."""
    text = COBERTURA.replace("1763683200000", "1763683200")
    assert read_cobertura(text, "c", "d").at == "2025-11-21T00:00:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE coverage [<!ENTITY a "b">]><coverage/>',
        '<coverage clover="4.0"/>',
        "<report name='jacoco'/>",
        "",
    ],
)
def test_what_is_not_coberturas(text: str) -> None:
    """Entities, Clover's and JaCoCo's own formats are refused."""
    with pytest.raises(BadFile):
        read_cobertura(text, "c.xml", "d")


def test_coverage_json() -> None:
    """The JSON of coverage.py names executed and missing lines."""
    text = """{"meta": {"format": 3, "version": "7.6", "timestamp": "2026-11-20T10:00:00"},
    "files": {"src\\\\a.py": {"executed_lines": [1, 2], "missing_lines": [2, 3],
    "summary": {"x": 1}}}, "totals": {}}"""
    told = read_coverage_json(text, "c.json", "d")
    (file,) = told.files
    assert (file.path, file.covered, file.missed) == ("src/a.py", frozenset({1, 2}), frozenset({3}))
    assert told.at == "2026-11-20T10:00:00.000000Z"
    with pytest.raises(BadFile):
        read_coverage_json('{"meta": {}}', "c.json", "d")


def test_lcov() -> None:
    """Records of a file end with it; counts may be large or below zero."""
    text = (
        "TN:\nSF:./src/a.c\nDA:1,5\nDA:2,0\nDA:3,-1\nDA:4,1e+09,x\nend_of_record\nDA:9,1\nSF:b.c\n"
    )
    a, b = read_lcov(text, "l.info", "d").files
    assert (b.path, b.covered, b.missed) == ("src/a.c", frozenset({1, 4}), frozenset({2, 3}))
    assert (a.path, a.covered) == ("b.c", frozenset())


def test_lcov_names_the_line_that_is_wrong() -> None:
    """A record that cannot be read is an error with its line."""
    with pytest.raises(BadFile, match=r"l\.info:2"):
        read_lcov("SF:a\nDA:x\n", "l.info", "d")
    with pytest.raises(BadFile):
        read_lcov("nothing", "l.info", "d")
