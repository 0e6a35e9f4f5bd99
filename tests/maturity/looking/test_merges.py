"""Who approved a merged change, as the code host recorded it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.told import AS_OF, facts

from pawl.maturity.facts import Absent
from pawl.maturity.facts.host import ChangeRequest, Review
from pawl.maturity.looking.merges import approval_of, authors_of, host_of, merged_changes
from pawl.maturity.probe import Answer

HOST = {
    "product": "github",
    "repository": "acme/shop",
    "exported_at": "2026-11-20T00:00:00.000000Z",
    "complete_since": "2026-01-01T00:00:00.000000Z",
    "default_branch": "main",
}
MERGED = "2026-11-02T00:00:00.000000Z"


def _change(*reviews: Review, co_authors: tuple[str, ...] = ()) -> ChangeRequest:
    return ChangeRequest(
        number=1,
        author="alice",
        opened_at="2026-11-01T00:00:00.000000Z",
        merged_at=MERGED,
        head="a" * 40,
        reviews=reviews,
        co_authors=co_authors,
    )


def test_a_review_without_a_time_proves_nothing_on_github() -> None:
    """Only GitLab, which gives approvals no time, is believed without one."""
    change = _change(Review(author="bob", state="approved"))
    assert approval_of(change, ("alice",), "github").late == 1
    assert approval_of(change, ("alice",), "gitlab").by == ("bob",)


def test_a_later_opinion_replaces_an_earlier_one() -> None:
    """A reviewer who first asked for changes and then approved has approved."""
    change = _change(
        Review(author="bob", state="changes_requested", at="2026-11-01T01:00:00.000000Z"),
        Review(author="bob", state="approved", at="2026-11-01T02:00:00.000000Z"),
        Review(author="bob", state="commented", at="2026-11-01T03:00:00.000000Z"),
    )
    assert approval_of(change, ("alice",), "github").by == ("bob",)


def test_a_word_after_the_merge_does_not_replace_one_before() -> None:
    """Taking an approval back after the merge comes too late, as does giving one."""
    change = _change(
        Review(author="bob", state="approved", at="2026-11-01T01:00:00.000000Z"),
        Review(author="bob", state="dismissed", at="2026-11-03T01:00:00.000000Z"),
    )
    assert approval_of(change, ("alice",), "github").by == ("bob",)


def test_authors_include_trailers_of_the_squash() -> None:
    """Whoever a merge commit's trailers name wrote the change too."""
    told = facts(
        host={**HOST, "changes": []},
        history={
            "complete_since": "2026-01-01T00:00:00.000000Z",
            "commits": [
                {
                    "id": "m",
                    "parents": ["p"],
                    "author": "alice@acme.io",
                    "committer": "noreply@github.com",
                    "authored_at": MERGED,
                    "committed_at": MERGED,
                    "subject": "Add carts",
                    "trailers": [["Co-authored-by", "bob@acme.io"], ["Reviewed-by", "c@acme.io"]],
                }
            ],
        },
    )
    change = ChangeRequest(number=1, author="alice", opened_at=MERGED, merge_commit="m")
    assert authors_of(change, told.history) == ("alice", "alice@acme.io", "bob@acme.io")
    assert authors_of(change, Absent("none")) == ("alice",)


@pytest.mark.parametrize(
    "changed",
    [
        {"missing": {"changes": "rate limit"}},
        {"exported_at": "2026-08-01T00:00:00.000000Z"},
        {"complete_since": "2026-11-01T00:00:00.000000Z"},
    ],
)
def test_an_export_that_does_not_cover_the_window_tells_nothing(changed: dict[str, object]) -> None:
    """Missing parts, an old export and one begun within the window are no ground to judge on."""
    told = facts(host={**HOST, **changed})
    assert isinstance(merged_changes(told), Answer)


def test_an_export_that_covers_the_window_is_used() -> None:
    """What was merged before the window is left out."""
    old = {"number": 1, "author": "a", "opened_at": MERGED, "merged_at": "2026-01-02T00:00:00Z"}
    new = {"number": 2, "author": "a", "opened_at": MERGED, "merged_at": MERGED}
    told = facts(host={**HOST, "changes": [old, new]})
    assert not isinstance(host_of(told, "changes"), Answer)
    merged = merged_changes(told)
    assert not isinstance(merged, Answer)
    assert [change.number for change in merged] == [2]
    assert merged[0].merged_at is not None
    assert merged[0].merged_at <= AS_OF


_REVIEWS = st.lists(
    st.builds(
        Review,
        author=st.sampled_from(["alice", "bob", "carol", "claude", "x[bot]"]),
        bot=st.booleans(),
        state=st.sampled_from(["approved", "changes_requested", "commented", "dismissed"]),
        commit=st.sampled_from([None, "a" * 40, "b" * 40]),
        at=st.sampled_from([None, "2026-11-01T00:00:00.000000Z", "2026-11-03T00:00:00.000000Z"]),
    ),
    max_size=6,
)


@given(_REVIEWS, st.sampled_from(["github", "gitlab"]))
def test_authors_and_machines_never_approve(reviews: list[Review], product: str) -> None:
    """Whatever was reviewed, an independent approver is a person who wrote nothing of it."""
    change = _change(*reviews, co_authors=("carol@acme.io",))
    approval = approval_of(change, authors_of(change, Absent("none")), product)
    assert set(approval.by) <= {"bob"}
    assert approval.reviewed or not approval.by
