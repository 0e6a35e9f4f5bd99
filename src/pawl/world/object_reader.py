"""Read many objects of a repository through one long-lived `git cat-file --batch`."""

import subprocess
from collections.abc import Iterator, Sequence
from types import TracebackType

from pawl.maturity.facts.tree import TreeFile
from pawl.world.git_reading import GitReading

MAX_RESTARTS = 20
"""Objects that may each end the command: one that is damaged or grows beyond all bounds does."""

AT_ONCE = 256
"""Objects asked for before their answers are read: the questions must fit into a pipe."""


class ObjectReader:
    """Answers with bytes, one object after the other."""

    def __init__(self, reading: GitReading) -> None:
        self._reading = reading
        self._process: subprocess.Popen[bytes] | None = None
        self._restarts = 0

    def __enter__(self) -> "ObjectReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def read(self, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        """Yield each file with its object's bytes; None when git cannot give them."""
        start = 0
        while start < len(files):
            asked = files[start : start + AT_ONCE]
            answered = 0
            for file, content in self._batch(asked):
                answered += 1
                yield file, content
            start += answered
            if answered < len(asked):  # Git ended at this object.
                self._end()
                self._restarts += 1
                yield files[start], None
                start += 1

    def _batch(self, asked: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        process = self._started()
        if process is None:
            yield from ((file, None) for file in asked)
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with self._reading.limited(process):
            try:
                process.stdin.write(b"".join(f"{file.blob}\n".encode() for file in asked))
                process.stdin.flush()
            except OSError:
                return
            for file in asked:
                head = process.stdout.readline(4096).split()
                if len(head) == 2 and head[1] in (b"missing", b"ambiguous"):
                    yield file, None
                    continue
                if len(head) != 3 or not head[2].isdigit():
                    return
                size = int(head[2])
                content = process.stdout.read(size + 1)
                if len(content) != size + 1:
                    return
                yield file, content[:-1] if head[1] == b"blob" else None

    def _started(self) -> subprocess.Popen[bytes] | None:
        if self._process is None and self._restarts <= MAX_RESTARTS:
            self._process = self._reading.start("cat-file", "--batch", stdin=True)
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._reading.finish(self._process)
            self._process = None
