"""Find the files of a tree that a report means: reports write paths in ways of their own.

A path that was absolute where the report was made, or relative to a source folder, ends like one
path of the tree. Where two files could be meant, none is: a guess would cover lines of another.
"""

from collections.abc import Iterable, Sequence

import msgspec

from pawl.maturity.facts.reports import Coverage


class Paths:
    """The paths of a tree, to be found by their end."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = paths
        self._all: frozenset[str] | None = None
        self._by_name: dict[str, list[str]] = {}

    def find(self, told: str) -> str:
        """Return the tree's path that is meant, or the path as told when none is for certain."""
        # Most assessments bring no coverage along: the index is made when the first path is asked.
        if self._all is None:
            self._all = frozenset(self._paths)
            for path in self._all:
                self._by_name.setdefault(path.rpartition("/")[2], []).append(path)
        if told in self._all:
            return told
        candidates = self._by_name.get(told.rpartition("/")[2], ())
        ends = [path for path in candidates if told.endswith(f"/{path}")]
        if ends:  # The longest says most; two of one length are one path.
            return max(ends, key=len)
        holders = [path for path in candidates if path.endswith(f"/{told}")]
        return holders[0] if len(holders) == 1 else told


def located(reports: Sequence[Coverage], paths: Paths) -> tuple[Coverage, ...]:
    """Return coverage reports with their files named as the tree names them."""
    if not reports:
        return ()
    return tuple(
        msgspec.structs.replace(
            report,
            files=tuple(
                msgspec.structs.replace(file, path=paths.find(file.path)) for file in report.files
            ),
        )
        for report in reports
    )
