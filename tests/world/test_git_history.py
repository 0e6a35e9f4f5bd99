"""What git prints becomes commits, and no content passes for anything else."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.facts.history import FileChange
from pawl.world.git_history import added_lines, commits, numbers, tags, trailers, with_lines

A, B = "a" * 40, "b" * 40


def test_numbers_of_plain_renamed_and_binary_files() -> None:
    """A rename counts for its new name, whatever the names are."""
    printed = f"{A}\x001\t2\tplain\n\t{B}\x000\t0\t\0old\0new\tname\0-\t-\tpic\0{B}\x003\t0\tx\0"
    assert numbers(printed.encode()) == {
        A: (
            FileChange(f"plain\n\t{B}", 1, 2),
            FileChange("new\tname", 0, 0),
            FileChange("pic", None, None),
        ),
        B: (FileChange("x", 3, 0),),
    }


def test_added_lines_are_counted_and_not_guessed() -> None:
    """Lines of content that look like headers are content, as many as the hunk says."""
    patch = f"""{A}
diff --git a/x b/x
--- a/x
+++ b/x
@@ -1,2 +1,3 @@ def f
-{B}
-@@ -9 +9 @@
+diff --git a/y b/y
+{B}
++++ b/z
\\ No newline at end of file
@@ -9,0 +12 @@
+more
diff --git a/gone b/gone
@@ -1 +0,0 @@
-x
{B}
diff --git a/mode b/mode
old mode 100644
"""
    lines = [line.encode() + b"\n" for line in patch.splitlines()]
    assert list(added_lines(lines)) == [(A, [((1, 3), (12, 12)), ()]), (B, [()])]


def test_ranges_that_do_not_match_the_files_are_left_out() -> None:
    """Two answers of git that disagree give no lines rather than wrong ones."""
    files = (FileChange("x", 1, 0), FileChange("y", 1, 0))
    assert with_lines(files, [((1, 1),)]) == files
    assert with_lines(files, [((1, 1),), ()])[0].lines == ((1, 1),)


def test_trailers_are_the_last_paragraph() -> None:
    """Prose with a colon is no trailer."""
    assert trailers("Why: because\n\nFixes: #1\nCo-authored-by: A <a@x>\n") == (
        ("Fixes", "#1"),
        ("Co-authored-by", "A <a@x>"),
    )
    assert trailers("Note: this is text\nthat goes on\nand on") == ()
    assert trailers("") == ()


PIECES = st.sampled_from(
    [
        *(b"\0", b"\t", b"\n", A.encode(), B.encode(), b"1", b"-", b"x", b"\xff", b"commit", b"+"),
        *(b"@@ -1,2 +3,4 @@", b"diff --git a/x b/x", b"99999999999999999999"),
    ]
)


@given(st.lists(PIECES, max_size=30).map(b"".join))
def test_no_output_breaks_the_reading(printed: bytes) -> None:
    """Whatever bytes come, they are read or passed over."""
    for commit in commits(printed, A):
        assert commit.committed_at.endswith("Z")
    for files in numbers(printed).values():
        assert all(isinstance(file.path, str) for file in files)
    for _, ranges in added_lines(printed.splitlines(keepends=True)):
        assert all(first <= last for file in ranges for first, last in file)
    assert isinstance(tags(printed), tuple)
