"""One comment is ours, known by its first line and its author, and the oldest stays."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.review.sticky import MARKER, Comment, marked, ours, plan

AT = "2026-11-21T10:00:00.000000Z"
LATER = "2026-11-21T11:00:00.000000Z"


def comment(number: int, body: str, author: str = "robot") -> Comment:
    return Comment(id=number, body=body, author=author)


def test_somebody_elses_marker_is_nobodys_business() -> None:
    """A comment is ours by author and first line; a quote of the marker is not."""
    others = [
        comment(1, marked("x", AT), "mallory"),
        comment(2, f"> {MARKER}"),
        comment(3, f"text\n{MARKER}"),
        comment(4, marked("x", AT), "robot2"),
    ]
    assert ours(others, "robot") == ()
    assert ours(others, "") == ()
    assert plan(others, "robot", AT).update is None


def test_the_oldest_stays_and_the_rest_go() -> None:
    """Two of ours become one, the first that was made."""
    planned = plan([comment(9, marked("b", AT)), comment(5, marked("a", AT), "Robot")], "robot", AT)
    assert planned.update is not None
    assert planned.update.id == 5
    assert [each.id for each in planned.remove] == [9]


def test_a_later_review_is_not_overwritten() -> None:
    """A slow job of an earlier push leaves what a later one wrote."""
    planned = plan([comment(5, marked("new", LATER))], "robot", AT)
    assert (planned.update, planned.remove, planned.newer) == (None, (), LATER)
    older_beside = [comment(5, marked("a", AT)), comment(6, marked("b", LATER))]
    assert plan(older_beside, "robot", AT).remove == ()
    mine_beside = [comment(5, marked("a", LATER)), comment(6, marked("b", AT))]
    assert [each.id for each in plan(mine_beside, "robot", AT).remove] == [6]


@given(st.permutations(range(6)), st.lists(st.booleans(), min_size=6, max_size=6))
def test_however_jobs_interleave_one_comment_stays(order: list[int], second: list[bool]) -> None:
    """Three jobs create, look and write in any order; in the end there is the newest, alone."""
    held: dict[int, Comment] = {}
    made = iter(range(1, 10))
    times = {0: AT, 1: AT, 2: LATER}
    begun: set[int] = set()

    def work(job: int) -> None:
        planned = plan(held.values(), "robot", times[job])
        if planned.update is None and not planned.newer:
            number = next(made)
            held[number] = comment(number, marked(str(job), times[job]))
            planned = plan(held.values(), "robot", times[job])
        if planned.update is not None:
            held[planned.update.id] = comment(
                planned.update.id, marked(str(job), times[job]), "robot"
            )
        for each in planned.remove:
            held.pop(each.id, None)

    for step in order:
        job = step % 3
        if job not in begun and second[step]:
            number = next(made)
            held[number] = comment(number, marked(str(job), times[job]))
            begun.add(job)
        else:
            begun.add(job)
            work(job)
    for job in range(3):
        work(job)
    assert len(held) == 1
    assert LATER in next(iter(held.values())).body
