"""A change is cut into parts that hold all of it, and what is left out says why."""

from hypothesis import given
from hypothesis import strategies as st
from tests.review.making import change, changed, hunk

from pawl.review.parts import part_text, split
from pawl.review.policy import shipped_policy

SKIP = shipped_policy().skip


def test_small_files_share_a_part() -> None:
    """What fits together is read together."""
    cut = split(change(changed("a", hunk("+1")), changed("b", hunk("+2"))), SKIP, size=1000, most=9)
    assert [part.paths for part in cut.parts] == [("a", "b")]
    assert (cut.left_out, cut.limited) == ((), False)


def test_what_nobody_reads_is_left_out_with_its_reason() -> None:
    """Lock files, binaries, submodules, links and bare renames by choice; the unread not."""
    files = (
        changed("web/package-lock.json", hunk("+1")),
        changed("package-lock.json", hunk("+1")),
        *(changed(kind, kind=kind) for kind in ("binary", "submodule", "link", "mode", "unread")),
    )
    cut = split(change(*files), SKIP, size=1000, most=9)
    assert cut.parts == ()
    assert [(each.file, each.by_choice) for each in cut.left_out] == [
        ("web/package-lock.json", True),
        ("package-lock.json", True),
        ("binary", True),
        ("submodule", True),
        ("link", True),
        ("mode", True),
        ("unread", False),
    ]
    assert not cut.limited


def test_too_many_parts_are_told() -> None:
    """A change beyond what is read is limited, not reviewed."""
    files = [changed(f"f{number}", hunk("+" + "x" * 900)) for number in range(5)]
    cut = split(change(*files), (), size=1000, most=2)
    assert [part.paths for part in cut.parts] == [("f0",), ("f1",)]
    assert [each.file for each in cut.left_out] == ["f2", "f3", "f4"]
    assert cut.limited


def test_a_part_is_written_with_its_numbers() -> None:
    """The agent sees old and new numbers, renames, and no control characters in names."""
    file = changed("b\x1b.py", hunk(" x\n-y\n+z", old=7, new=9), old_path="a.py", status="renamed")
    text = part_text(split(change(file), (), size=1000, most=1).parts[0])
    assert text == (
        "=== renamed: b?.py (was a.py)\n@@\n     7      9  x\n     8        -y\n           10 +z\n"
    )


@given(st.lists(st.lists(st.integers(1, 300), min_size=1, max_size=6), max_size=6))
def test_no_line_is_lost_or_read_twice(files: list[list[int]]) -> None:
    """Whatever the sizes, the parts together hold each line once, and none is much too large."""
    made = [
        changed(
            f"f{number}",
            *(
                hunk("\n".join("+" + f"{at}-{row}".ljust(40, "x") for row in range(count)), new=at)
                for at, count in enumerate(counts, 1)
            ),
        )
        for number, counts in enumerate(files)
    ]
    cut = split(change(*made), (), size=2000, most=10_000)
    found = [
        (piece.file.path, line)
        for part in cut.parts
        for piece in part.pieces
        for each in piece.hunks
        for line in each.lines
    ]
    assert found == [(file.path, line) for file in made for line in file.on("new")]
    for part in cut.parts:
        weight = sum(each.size for piece in part.pieces for each in piece.hunks)
        assert weight <= 2000
