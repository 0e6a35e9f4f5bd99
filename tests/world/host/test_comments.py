"""One comment of a review on a host: made once, kept up to date, never a second one."""

import threading
from typing import Any

import pytest
from tests.world.host.fake_comments import FakeComments, serving_comments
from tests.world.host.fake_host import Sent, limited, told

from pawl.base.errors import BadValue, Unavailable
from pawl.review.sticky import marked
from pawl.services.review_posting import Posted, post
from pawl.world.host.comments import GitHubComments, GitLabComments
from pawl.world.host.telling import MAX_SENT, Telling

TOKEN = "tok-5ecret"
AT, LATER = "2026-11-21T10:00:00.000000Z", "2026-11-21T11:00:00.000000Z"
HTML = Sent(200, {"Content-Type": "text/html"}, b"<html><h1>Sign in</h1></html>")


@pytest.fixture(params=["github", "gitlab"])
def host(request: pytest.FixtureRequest) -> FakeComments:
    """A host of either product, with talk of others under the change."""
    made = FakeComments(request.param)
    for number in range(3):
        made.put(f"talk {number}", "ada")
    return made


def send(
    host: FakeComments,
    body: str = "found",
    at: str = AT,
    slept: list[float] | None = None,
    url: str = "",
    **options: Any,
) -> Posted:
    """Post over HTTP; sleeping takes no time."""
    if not url:
        with serving_comments(host) as served:
            return send(host, body, at, slept, served, **options)
    kind = GitHubComments if host.kind == "github" else GitLabComments
    asker = kind(TOKEN, "acme/shop", 7, url, clock=lambda: 1000.0)
    try:
        return post(
            asker,
            marked(body, at),
            at,
            place="acme/shop 7",
            sleep=(slept if slept is not None else []).append,
            told=lambda seconds, why: None,
            **options,
        )
    finally:
        asker.telling.close()


def ours(host: FakeComments) -> list[str]:
    """Return the last lines of all comments by our account."""
    return [each.body.splitlines()[-1] for each in host.comments if each.author == host.own]


def test_two_posts_leave_one_comment(host: FakeComments) -> None:
    """The first makes it, behind pages of talk; the second updates it; a third writes nothing."""
    assert send(host, "one").action == "created"
    again = send(host, "two", LATER)
    assert (again.action, again.comment) == ("updated", host.comments[-1].id)
    assert ours(host) == ["two"]
    host.log.clear()
    assert send(host, "two", LATER).action == "kept"
    assert host.writes == []
    assert len(host.comments) == 4


def test_only_the_token_goes_along_and_only_to_the_host(host: FakeComments) -> None:
    """Each request carries it in the product's own header."""
    send(host)
    for _, _, headers in host.log:
        assert TOKEN in (headers.get("authorization", "") + headers.get("private-token", ""))


def test_another_ones_marker_is_left_alone(host: FakeComments) -> None:
    """Whoever copies our marker into a comment of theirs keeps it, and we make our own."""
    theirs = host.put(marked("mine!", AT), "mallory")
    quoted = host.put("> " + marked("quoted", AT), "robot")
    send(host, "one")
    send(host, "two", LATER)
    assert (theirs.body, quoted.body) == (marked("mine!", AT), "> " + marked("quoted", AT))
    assert ours(host) == ["quoted", "two"]


def test_doubles_of_ours_become_one(host: FakeComments) -> None:
    """The oldest stays with the new text, the others go."""
    first = host.put(marked("a", AT), "robot")
    host.put(marked("b", AT), "robot")
    host.put(marked("c", AT), "robot")
    done = send(host, "new", LATER)
    assert (done.action, done.comment, done.removed) == ("updated", first.id, 2)
    assert ours(host) == ["new"]


def test_a_slow_job_does_not_overwrite_a_later_one(host: FakeComments) -> None:
    """What a later review wrote stays."""
    send(host, "later", LATER)
    assert send(host, "earlier", AT).action == "newer"
    assert ours(host) == ["later"]


def test_two_at_once_leave_one(host: FakeComments) -> None:
    """Both look before either writes; both make a comment; one is left, of the later review."""
    meeting = threading.Barrier(2, timeout=10)
    host._lock = _NoLock()  # type: ignore[assignment]
    seen: list[str] = []

    def fault(number: int, method: str, path: str) -> None:
        if method == "POST" and len(seen) < 2:
            seen.append(method)
            meeting.wait()

    host.fault = fault
    with serving_comments(host) as url:
        jobs = [
            threading.Thread(target=send, args=(host, body, at), kwargs={"url": url})
            for body, at in (("early", AT), ("late", LATER))
        ]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
    assert ours(host) == ["late"]
    assert len(seen) == 2


class _NoLock:
    """Lets requests meet, as they do on a real host."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_a_host_that_does_not_say_who_we_are(host: FakeComments) -> None:
    """The comment that is made tells its author; from then on there is one of that author."""
    host.tells = False
    host.put(marked("x", AT), "mallory")
    assert send(host, "one").action == "created"
    assert send(host, "two", LATER).removed == 1
    assert ours(host) == ["two"]
    assert send(host, "three", LATER, presumed="robot").action == "updated"
    assert ours(host) == ["three"]


def test_a_wrong_presumption_is_put_right(host: FakeComments) -> None:
    """Whoever we were taken for, what we made says who we are; the other's comment stays."""
    host.tells = False
    send(host, "one")
    assert send(host, "two", LATER, presumed="somebody").comment == host.comments[3].id
    assert ours(host) == ["two"]


def test_a_lost_answer_makes_no_second_comment(host: FakeComments) -> None:
    """Whether it was made is looked up, not tried again."""
    host.fault = lambda number, method, path: "lost" if method == "POST" else None
    assert send(host).action in ("created", "kept")
    assert ours(host) == ["found"]
    assert host.writes == ["POST"]


def test_a_lost_answer_with_nothing_made_is_told(host: FakeComments) -> None:
    """A host that failed before it wrote leaves an honest failure."""
    bad = told({"message": "Bad Gateway"}, 502)
    host.fault = lambda number, method, path: bad if method == "POST" else None
    with pytest.raises(Unavailable, match="not known"):
        send(host)
    assert ours(host) == []


def test_limits_are_waited_for_within_bounds(host: FakeComments) -> None:
    """Retry-After is kept to; a limit that lasts longer than we wait ends in an honest failure."""
    slept: list[float] = []
    answers = {0: limited(429, Retry_After="7"), 2: limited(403, Retry_After="5")}
    host.fault = lambda number, method, path: answers.get(number)
    assert send(host, slept=slept).action == "created"
    assert slept[:2] == [7.0, 5.0]
    host.fault = lambda number, method, path: limited(429, Retry_After="4000")
    with pytest.raises(Unavailable, match="lasts"):
        send(host)


@pytest.mark.parametrize(
    "sent",
    [
        HTML,
        told({"message": "oops"}, 500),
        Sent(200, {}, b"{"),
        told({"id": 1}),
        Sent(200, {}, b""),
    ],
)
def test_a_host_that_fails_is_told_of(host: FakeComments, sent: Sent) -> None:
    """HTML, 5xx and torn or strange answers are tried a few times, then nothing is claimed."""
    slept: list[float] = []
    host.fault = lambda number, method, path: sent if "/user" not in path else None
    with pytest.raises(Unavailable, match="does not"):
        send(host, slept=slept)
    assert ours(host) == []
    assert sum(slept) < 60


def test_a_passing_failure_passes(host: FakeComments) -> None:
    """One 503 on each kind of question and an HTML page do not keep the comment from being one."""
    once: set[str] = set()

    def fault(number: int, method: str, path: str) -> Sent | None:
        if method == "GET" and path not in once:
            once.add(path)
            return HTML if "user" in path else told({"message": "busy"}, 503)
        return None

    host.fault = fault
    assert send(host).action == "created"


def test_a_host_that_says_nothing_in_time_is_told_of(host: FakeComments) -> None:
    """A timeout is a failure like others: bounded, and honest."""
    with serving_comments(host) as url:
        kind = GitHubComments if host.kind == "github" else GitLabComments
        asker = kind(TOKEN, "acme/shop", 7, url, clock=lambda: 1000.0)
        ticks = iter(range(0, 10**9, 1000))
        asker.telling.close()
        asker.telling = Telling(url, {}, secret=True, timeout_s=5, clock=lambda: float(next(ticks)))
        with pytest.raises(Unavailable):
            post(
                asker,
                marked("x", AT),
                AT,
                place="x",
                sleep=lambda seconds: None,
                told=lambda seconds, why: None,
            )
        asker.telling.close()


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_no_is_asked_wrongly(host: FakeComments, status: int) -> None:
    """A wrong number, or a token that may not comment, says which to mend."""
    no = told({"message": "Not Found"}, status)
    host.fault = lambda number, method, path: no if "/user" not in path else None
    with pytest.raises(BadValue, match="takes no comment") as raised:
        send(host)
    assert TOKEN not in str(raised.value)


def test_a_comment_removed_meanwhile_is_made_anew(host: FakeComments) -> None:
    """Somebody deletes it between looking and writing: there is one again in the end."""
    send(host, "one")

    def fault(number: int, method: str, path: str) -> None:
        if method in ("PATCH", "PUT"):
            host.comments[:] = [each for each in host.comments if each.author != "robot"]

    host.fault = fault
    assert send(host, "two", LATER).action == "created"
    assert ours(host) == ["two"]


def test_a_list_that_lags_behind_makes_no_second_comment(host: FakeComments) -> None:
    """A host whose list does not show yet what was made is believed on the making."""
    whole = host._page
    host._page = lambda query: told([])  # type: ignore[method-assign]
    assert send(host).action == "created"
    host._page = whole  # type: ignore[method-assign]
    assert ours(host) == ["found"]


def test_a_text_too_large_is_not_sent(host: FakeComments) -> None:
    """A body beyond the bound never leaves."""
    with pytest.raises((BadValue, Unavailable)):
        send(host, "x" * MAX_SENT)
    assert ours(host) == []


@pytest.mark.parametrize("name", ["", "shop", "../x", "acme/..", "a/b/c?x", "acme/shop\n", "a b/c"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """What would change the address is no repository."""
    with pytest.raises(BadValue):
        GitHubComments(TOKEN, name, 7)
    if ".." not in name:  # One part of an address there, whatever it is called.
        with pytest.raises(BadValue):
            GitLabComments(TOKEN, name, 7)
