"""What git says of a change, read even where its lines look like something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import CannotTell
from pawl.review.diff_reading import MAX_LINE, read_change

BASE, HEAD = "a" * 40, "b" * 40
IDS = b"%s %s" % (b"1" * 40, b"2" * 40)


def listing(*files: tuple[bytes, bytes, int, int]) -> bytes:
    """Return a listing of files given as status, path, added and removed."""
    raw = b"".join(
        b":100644 100644 %s %s\0%s\0" % (IDS, status, path) for status, path, _, _ in files
    )
    return raw + b"".join(b"%d\t%d\t%s\0" % (more, less, path) for _, path, more, less in files)


def test_a_line_that_looks_like_a_header_is_a_line() -> None:
    """A hunk ends by its own counts: removed lines may begin with `-- `, new ones with `++ `."""
    patch = (
        b"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ def f():\n"
        b"--- a/etc/passwd\n-diff --git a/y b/y\n+++ b/etc/passwd\n+@@ -1 +1 @@\n"
    )
    found = read_change(BASE, HEAD, listing((b"M", b"x", 2, 2)), patch, cut=False).files[0]
    assert (found.path, found.kind, found.hunks[0].section) == ("x", "text", "def f():")
    assert [(line.mark, line.text, line.old, line.new) for line in found.hunks[0].lines] == [
        ("-", "-- a/etc/passwd", 1, None),
        ("-", "diff --git a/y b/y", 2, None),
        ("+", "++ b/etc/passwd", None, 1),
        ("+", "@@ -1 +1 @@", None, 2),
    ]


def test_counts_that_disagree_make_a_file_unread() -> None:
    """Where the patch and git's own counts differ, nobody claims to have read the file."""
    patch = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    assert read_change(BASE, HEAD, listing((b"M", b"x", 1, 1)), patch, cut=False).files[0].hunks
    odd = read_change(BASE, HEAD, listing((b"M", b"x", 5, 1)), patch, cut=False).files[0]
    assert (odd.kind, odd.hunks) == ("unread", ())


def test_a_patch_that_breaks_off_leaves_the_rest_unread() -> None:
    """Files whose text did not fit are listed and unread; those before are whole."""
    files = listing((b"M", b"x", 1, 0), (b"M", b"y", 1, 0), (b"M", b"z", 1, 0))
    patch = (
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n"
        b"diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+"
    )
    found = read_change(BASE, HEAD, files, patch, cut=True)
    assert [(each.path, each.kind) for each in found.files] == [
        ("x", "text"),
        ("y", "unread"),
        ("z", "unread"),
    ]


def test_a_line_of_a_megabyte_is_cut() -> None:
    """A line longer than anybody reads is kept in part, and counts as one line."""
    patch = (
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+" + b"\xc3\xa9" * 600_000 + b"\n"
    )
    found = read_change(BASE, HEAD, listing((b"M", b"x", 1, 0)), patch, cut=False).files[0]
    assert found.hunks[0].lines[0].text == "é" * MAX_LINE


@pytest.mark.parametrize(
    "text", [b":what\0x\0", b":100644 100644 1 2 Z\0x\0", b":100644 100644 1 2 M\0x\0", b":100644"]
)
def test_a_listing_that_is_none_is_refused(text: bytes) -> None:
    """What git would not print is not guessed at."""
    with pytest.raises(CannotTell):
        read_change(BASE, HEAD, text, b"", cut=False)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_nonsense_never_crashes(first: bytes, second: bytes) -> None:
    """Whatever the bytes, there is a change or an honest refusal."""
    try:
        read_change(BASE, HEAD, first, second, cut=False)
    except CannotTell:
        pass
    read_change(BASE, HEAD, listing((b"M", b"x", 1, 1)), b"diff --git \n@@ " + second, cut=False)
