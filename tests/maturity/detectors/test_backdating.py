"""Evidence cannot be older than the answer that it was not there."""

from typing import Any

from tests.maturity.detectors.looking import ago, hits, look, one, record

from pawl.maturity.detector import Look

CODE = "G11"


def _claim(claimed: float, *, earlier: str = "fail", **told: Any) -> Look:
    return look(
        record("tests-are-executed", claimed=claimed, **told),
        past=(record("tests-are-executed", earlier, days=3),),
    )


def _line(*days: float) -> Look:
    """Return a first-parent line of commits of these ages, newest first."""
    commits = [
        {
            "id": f"c{at}",
            "parents": [f"c{at + 1}"],
            "author": "a@example.com",
            "committer": "a@example.com",
            "authored_at": ago(age),
            "committed_at": ago(age),
            "subject": "Change",
        }
        for at, age in enumerate(days)
    ]
    return look(sections={"history": {"commits": commits, "complete_since": ago(365)}})


FOUR = (9, 5, 20, 11, 40, 30, 60, 45)
"""Ages along the line; four times a commit is older than the one it follows."""


def test_a_date_on_which_the_answer_was_no_is_provisional() -> None:
    """Ten days old by its own word, and three days ago it was not there."""
    hit = one(CODE, _claim(10))
    assert (hit.action, hit.probes) == ("provisional", ("tests-are-executed",))


def test_an_export_that_came_late_is_innocent() -> None:
    """Nobody could look three days ago, so nobody denied it; nor does a provider's word age."""
    assert hits(CODE, _claim(10, earlier="cannot-tell")) == []
    assert hits(CODE, _claim(10, assurance="A3")) == []


def test_a_bare_word_is_noted() -> None:
    """An attestation about last month earns no age and removes nothing."""
    seen = look(record("p", kinds=("attestation",), claimed=30))
    assert one(CODE, seen).action == "note"


def test_files_may_be_written_long_before_they_are_merged() -> None:
    """A page that waited in a branch is no trick."""
    assert hits(CODE, _claim(10, kinds=("tree",))) == []


def test_commits_in_an_order_that_their_dates_deny_are_provisional() -> None:
    """Four children older than their parents; one is a wrong clock and only noted."""
    assert one(CODE, _line(1, 9, 5, 20)).action == "note"
    assert one(CODE, _line(*FOUR)).action == "provisional"
    assert hits(CODE, _line(1, 2, 3, 9)) == []


def test_a_rewritten_branch_is_provisional() -> None:
    """None of the commits that were seen before is there any more."""
    base = _line(1, 2)
    fields = {name: getattr(base, name) for name in base.__struct_fields__}
    assert one(CODE, Look(**fields | {"seen_commits": ("gone",)})).strength == "strong"
    assert hits(CODE, Look(**fields | {"seen_commits": ("gone", "c1")})) == []


DECIDES = {
    "early_days": (11, lambda: _claim(10)),
    "disorder_days": (30, lambda: _line(*FOUR)),
    "disorder_min": (5, lambda: _line(*FOUR)),
}
