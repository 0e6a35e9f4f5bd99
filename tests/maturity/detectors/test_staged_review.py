"""Reviews that cannot have been are provisional."""

from typing import Any

from tests.maturity.detectors.looking import ago, hits, look, one

from pawl.maturity.detector import Look

CODE = "G10"


def _change(number: int, **told: Any) -> dict[str, Any]:
    """Return one merged change: opened, approved after `seconds`, with `words` in the review."""
    opened = 2 + number
    seconds = told.get("seconds", 7200)
    reviewer = told.get("reviewer", "bob")
    return {
        "number": number,
        "author": told.get("author", "ada"),
        "opened_at": ago(opened),
        "merged_at": ago(opened - 0.5),
        "merge_commit": f"m{number}",
        "additions": told.get("lines", 100),
        "files": told.get("files", ["src/a.py"]),
        "reviews": [
            {
                "author": reviewer,
                "bot": told.get("bot", False),
                "state": "approved",
                "at": ago(opened - seconds / 86_400),
                "words": told.get("words", 9),
            }
        ],
    }


def _seen(*changes: dict[str, Any], commits: tuple[dict[str, Any], ...] = ()) -> Look:
    host = {
        "product": "github",
        "repository": "o/r",
        "exported_at": ago(0),
        "complete_since": ago(365),
        "default_branch": "main",
        "changes": list(changes),
    }
    return look(
        sections={
            "host": host,
            "history": {"commits": list(commits), "complete_since": ago(365)},
        }
    )


def _many(count: int, **told: Any) -> Look:
    return _seen(*(_change(number, **told) for number in range(count)))


def _ring(count: int, others: int = 2) -> Look:
    pairs = [("ada", "bob"), ("bob", "ada")]
    rest = [(f"p{at}", f"p{(at + 1) % max(others, 1)}") for at in range(others)]
    changes = [pairs[number % 2] for number in range(count)] + rest
    return _seen(
        *(
            _change(number, author=author, reviewer=reviewer)
            for number, (author, reviewer) in enumerate(changes)
        )
    )


def test_reading_takes_time() -> None:
    """A hundred lines in thirty seconds, again and again."""
    hit = one(CODE, _many(10, seconds=30))
    assert "faster" in hit.indicator
    assert hit.action == "provisional"
    assert "reviews-are-independent" in hit.probes


def test_honest_reviews_are_not_noticed() -> None:
    """Two hours and a few words, with one quick approval among many."""
    assert hits(CODE, _many(30)) == []
    some = [_change(number) for number in range(20)]
    assert hits(CODE, _seen(*some, _change(21, seconds=5))) == []


def test_lock_files_alone_are_left_out() -> None:
    """Trivial bumps may be approved at a glance."""
    assert hits(CODE, _many(10, seconds=5, files=["uv.lock"])) == []


def test_twenty_changes_without_a_word_are_noticed() -> None:
    """Nobody ever had anything to say."""
    assert "single comment" in one(CODE, _many(20, words=0)).indicator
    assert hits(CODE, _many(19, words=0)) == []


def test_approvals_of_machines_are_noticed() -> None:
    """A bot that approves is no reviewer."""
    assert "machines" in one(CODE, _many(4, bot=True, reviewer="x[bot]")).indicator


def test_a_closed_ring_is_noticed_where_others_are() -> None:
    """Two who approve only each other; where there are only two, there is nobody else."""
    assert "each other" in one(CODE, _ring(10)).indicator
    assert hits(CODE, _ring(10, others=0)) == []


def test_a_trailer_without_a_record_is_noted() -> None:
    """What a commit message says of a review never earned credit."""
    commit = {
        "id": "c1",
        "parents": [],
        "author": "ada@example.com",
        "committer": "ada@example.com",
        "authored_at": ago(1),
        "committed_at": ago(1),
        "subject": "Change",
        "trailers": [("Reviewed-by", "Bob <bob@example.com>")],
    }
    assert one(CODE, _seen(commits=(commit,))).action == "note"
    known = commit | {"id": "m1"}
    assert hits(CODE, _seen(_change(1), commits=(known,))) == []


DECIDES = {
    "seconds_per_line": (0.1, lambda: _many(10, seconds=30)),
    "seconds_min": (5, lambda: _many(10, seconds=10, lines=1)),
    "share_over": (0.9, lambda: _many(10, seconds=30)),
    "silent_min": (21, lambda: _many(20, words=0)),
    "machine_over": (1.0, lambda: _many(4, bot=True, reviewer="x[bot]")),
    "pair_min": (11, lambda: _ring(10)),
    "others_min": (3, lambda: _ring(10)),
    "z": (20.0, lambda: _many(10, seconds=30)),
}
