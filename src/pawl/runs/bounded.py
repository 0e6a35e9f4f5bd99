"""Cut a stream of bytes into lines, or keep an end of it, with bounded memory."""

MAX_LINE_BYTES = 8 * 1024 * 1024
"""A longer line is passed over: agents write a few megabytes at most, pictures included."""


class Lines:
    """A fold over chunks. `too_long` counts the lines that were passed over."""

    def __init__(self, max_bytes: int = MAX_LINE_BYTES) -> None:
        self._max = max_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._skipping = False
        self.too_long = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk completes, without their newlines."""
        *ended, rest = chunk.split(b"\n")
        lines = []
        for part in ended:
            self._add(part)
            if not self._skipping:
                lines.append(b"".join(self._parts))
            self._start_over()
        if rest:
            self._add(rest)
        return lines

    def finish(self) -> list[bytes]:
        """Return the last line when the stream ended without a newline."""
        line = b"".join(self._parts)
        self._start_over()
        return [line] if line else []

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._skipping:
            return
        if self._size > self._max:
            self._skipping = True
            self.too_long += 1
            self._parts.clear()
            return
        self._parts.append(part)

    def _start_over(self) -> None:
        self._parts.clear()
        self._size = 0
        self._skipping = False


class Tail:
    """The last bytes of a stream as text, starting at a line where that is near."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._kept = bytearray()
        self._cut = False

    def feed(self, chunk: bytes) -> None:
        """Take a chunk, and forget what is further back than the last `max_bytes`."""
        self._cut = self._cut or len(self._kept) + len(chunk) > self._max
        self._kept += chunk[-self._max :]
        del self._kept[: max(0, len(self._kept) - self._max)]

    def text(self) -> str:
        """Return what is kept; a cut first line is left out when others follow."""
        kept = bytes(self._kept)
        if self._cut:
            first, _, rest = kept.partition(b"\n")
            kept = rest or first
        return kept.decode("utf-8", "replace")


class Head:
    """The first bytes of a stream."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._kept = bytearray()
        self.truncated = False

    def feed(self, chunk: bytes) -> None:
        """Take a chunk, as far as there is room."""
        room = self._max - len(self._kept)
        self._kept += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room

    def text(self) -> str:
        """Return what is kept; bytes that are no UTF-8 are replaced."""
        return self._kept.decode("utf-8", "replace")
