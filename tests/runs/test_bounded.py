"""Streams are cut into lines, and ends are kept, in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.runs.bounded import Head, Lines, Tail

chunks = st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\r", b"\n")), max_size=20)


@given(chunks)
def test_lines_do_not_depend_on_how_the_stream_was_cut(pieces: list[bytes]) -> None:
    """Any cutting into chunks gives the lines of the whole, the unfinished last one too."""
    lines = Lines()
    found = [line for piece in pieces for line in lines.feed(piece)]
    found += lines.finish()
    expected = b"".join(pieces).split(b"\n")
    assert found == (expected if expected[-1] else expected[:-1])
    assert lines.too_long == 0


@given(chunks, st.integers(1, 20))
def test_longer_lines_are_passed_over_and_counted(pieces: list[bytes], limit: int) -> None:
    """Exactly the lines up to the limit come out, and the others are counted."""
    lines = Lines(limit)
    found = [line for piece in pieces for line in lines.feed(piece)]
    found += lines.finish()
    whole = b"".join(pieces).split(b"\n")
    whole = whole if whole[-1] else whole[:-1]
    assert found == [line for line in whole if len(line) <= limit]
    assert lines.too_long == sum(len(line) > limit for line in whole)


@given(chunks, st.integers(1, 30))
def test_a_head_keeps_the_first_bytes(pieces: list[bytes], limit: int) -> None:
    """The first bytes are kept, and what was cut is told."""
    head = Head(limit)
    for piece in pieces:
        head.feed(piece)
    whole = b"".join(pieces)
    assert head.text() == whole[:limit].decode("utf-8", "replace")
    assert head.truncated == (len(whole) > limit)


def test_a_tail_starts_at_a_line() -> None:
    """A first line that was cut is left out when there is another."""
    tail = Tail(10)
    tail.feed(b"first line\nsecond\nthird\n")
    assert tail.text() == "third\n"
    tail.feed(b"x" * 50)
    assert tail.text() == "x" * 10


@given(chunks, st.integers(1, 30))
def test_a_tail_is_an_end_of_the_stream(pieces: list[bytes], limit: int) -> None:
    """Whatever the chunks, what is kept is a suffix no longer than asked."""
    tail = Tail(limit)
    for piece in pieces:
        tail.feed(piece)
    whole = b"".join(pieces)
    kept = tail.text()
    assert whole[-limit:].decode("utf-8", "replace").endswith(kept) or len(whole) > limit
    if len(whole) <= limit:
        assert kept == whole.decode("utf-8", "replace")
