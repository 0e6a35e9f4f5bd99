"""Which files are read where there are more than an extract reads."""

import msgspec

from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.maturity.reading import chosen


class Nothing(msgspec.Struct, frozen=True):
    """What the extract of this test reads."""


def test_files_that_come_first_are_read_before_the_sample() -> None:
    """Of too many files those that matter most are read, then the lowest object ids."""
    extract = Extract(
        version=1,
        kind=Nothing,
        wants=lambda _: True,
        read=lambda _path, _text: Nothing(),
        most=2,
        first=lambda path: path == "z.md",
    )
    files = [
        TreeFile(name, 1, blob) for name, blob in (("a.md", "3"), ("b.md", "1"), ("z.md", "9"))
    ]
    read, sampled = chosen(extract, files)
    assert [file.path for file in read] == ["z.md", "b.md"]
    assert sampled
    assert chosen(extract, files[:2]) == (files[:2], False)
