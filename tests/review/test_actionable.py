"""Only what is about changed lines, quotes them and names a remedy is left."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.review.making import changed, hunk, said

from pawl.base.finding import Severity
from pawl.review.actionable import Sifted, at_or_above, sift
from pawl.review.diff import ChangedFile
from pawl.review.finding import Category, Said
from pawl.review.policy import shipped_policy

POLICY = shipped_policy()
LIMITS = {name: bounds.threshold for name, bounds in POLICY.categories.items()}
FILE = changed(
    "app.py",
    hunk(
        " def add(a, b):\n-    return a\n+    return a - b\n \n+    # twice\n+    # twice\n x = 1"
    ),
    hunk(" y = 1\n+def mul(a, b):\n+    return a * b\n y = 2", old=20, new=23),
)


def sifted(*each: Said, files: tuple[ChangedFile, ...] = (FILE,), most: int = 100) -> Sifted:
    return sift(each, files, LIMITS, POLICY.vague, most=most)


def why(**fields: Any) -> str:
    """Return why a finding with these fields is dropped."""
    found = sifted(said(**fields))
    assert found.findings == ()
    return found.dropped[0].reason


def test_a_finding_on_a_changed_line_is_left() -> None:
    """Its place, its fingerprint and its threshold go with it."""
    found = sifted(said()).findings[0]
    assert (found.line, found.last_line, found.state, found.moved) == (2, 2, "shown", False)
    assert found.threshold == LIMITS[Category.CORRECTNESS]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"file": "other.py"}, "its file is not in the diff"),
        ({"file": "../app.py"}, "its file is not in the diff"),
        ({"evidence": ""}, "it quotes no code"),
        ({"evidence": "return c"}, "what it quotes is not in the diff"),
        ({"evidence": "return a - b", "side": "old"}, "what it quotes is not in the diff"),
        ({"suggestion": "Fix it."}, "it does not say what to do"),
        (
            {"suggestion": "Consider handling errors here more carefully"},
            "what it says to do is not concrete",
        ),
        ({"evidence": "x = 1", "line": 6, "last_line": 6}, "it is about lines that did not change"),
        (
            {"evidence": "# twice", "line": 90, "last_line": 91},
            "its lines are not those it quotes, which stand in several places",
        ),
    ],
)
def test_each_reason_to_drop(fields: dict[str, Any], reason: str) -> None:
    """What is dropped says why."""
    assert why(**fields) == reason


def test_a_vague_opening_with_code_is_concrete() -> None:
    """`Consider` followed by what to write is a remedy."""
    assert sifted(said(suggestion="Consider `return a + b` here")).findings


def test_wrong_line_numbers_are_put_right_by_the_quote() -> None:
    """A quote that stands in one place says where a finding belongs."""
    found = sifted(said(line=70, last_line=80, evidence="def mul(a, b):\n    return a * b"))
    assert [(each.line, each.last_line, each.moved) for each in found.findings] == [(24, 25, True)]


def test_a_removed_line_is_quoted_on_the_old_side() -> None:
    """What is taken away can be a finding too."""
    found = sifted(said(side="old", line=2, last_line=2, evidence="-    return a")).findings
    assert [(each.side, each.line) for each in found] == [("old", 2)]


def test_a_range_never_leaves_the_diff() -> None:
    """A finding that claims all of the file is about the stretch around its quote."""
    found = sifted(said(line=1, last_line=99_999)).findings[0]
    assert (found.line, found.last_line) == (1, 6)


def test_twins_are_one_finding_the_worst_and_surest() -> None:
    """Two parts, or two passes, that say the same are said once."""
    found = sifted(
        said(confidence=0.8, title="Twin"),
        said(severity=Severity.CRITICAL, confidence=0.75),
        said(evidence="def add(a, b):\n    return a - b", line=1, title="Overlaps"),
        said(category=Category.SECURITY, title="Another matter"),
    )
    assert [(each.title, each.severity.value) for each in found.findings] == [
        ("It subtracts", "critical"),
        ("Another matter", "high"),
    ]
    assert [each.reason[:12] for each in found.dropped] == ["the same as "] * 2


def test_a_fingerprint_survives_lines_that_move() -> None:
    """The same code further down is the same finding."""
    moved = changed("app.py", hunk(" a\n" * 30 + "+    return a - b"))
    again = sifted(said(line=31, last_line=31), files=(moved,)).findings[0]
    assert again.fingerprint == sifted(said()).findings[0].fingerprint


def test_what_is_unsure_waits_and_does_not_fail() -> None:
    """Below its category's threshold a finding is queued, and fails nothing."""
    style = said(category=Category.STYLE, evidence="# twice", line=4, last_line=4)
    found = sifted(said(confidence=0.69), style)
    assert [each.state for each in found.findings] == ["queued", "queued"]
    assert not at_or_above(found.findings, "info")
    shown = sifted(said(confidence=0.7)).findings
    assert at_or_above(shown, "high")
    assert not at_or_above(shown, "critical")


def test_what_somebody_dismissed_is_not_said_again() -> None:
    """The same code, in the same category, is dropped; other code is not."""
    first = sifted(said()).findings[0]
    again = sift(
        [said(title="In other words"), said(category=Category.SECURITY)],
        [FILE],
        LIMITS,
        POLICY.vague,
        most=9,
        dismissed={first.fingerprint},
    )
    assert [each.category for each in again.findings] == [Category.SECURITY]
    assert [each.reason for each in again.dropped] == [f"somebody dismissed {first.id} before"]


def test_a_flood_is_bounded() -> None:
    """Of more findings than a comment can hold the worst are kept."""
    flood = changed("app.py", hunk("\n".join(f"+line {number}" for number in range(50))))
    each = [said(line=n + 1, last_line=n + 1, evidence=f"line {n}") for n in range(50)]
    found = sifted(*each, files=(flood,), most=10)
    assert (len(found.findings), len(found.dropped)) == (10, 40)


_words = st.sampled_from(["return a - b", "x = 1", "# twice", "", "zz", "def mul(a, b):"])


@given(
    st.lists(
        st.builds(
            lambda line, extra, evidence, side, confidence: said(
                line=line,
                last_line=line + extra,
                evidence=evidence,
                side=side,
                confidence=confidence,
            ),
            st.integers(1, 40),
            st.integers(0, 40),
            _words,
            st.sampled_from(["new", "old"]),
            st.floats(0, 1),
        ),
        max_size=8,
    )
)
def test_whatever_is_said_nothing_gets_lost(each: list[Said]) -> None:
    """Every finding is left or dropped; what is left is about a line that changed, in any order."""
    found = sifted(*each)
    assert len(found.findings) + len(found.dropped) == len(each)
    for finding in found.findings:
        mark = "+" if finding.side == "new" else "-"
        assert any(
            line.mark == mark
            and finding.line <= (line.number(finding.side) or 0) <= finding.last_line
            for line in FILE.on(finding.side)
        )
    assert sifted(*reversed(each)).findings == found.findings
