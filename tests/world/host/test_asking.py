"""The token goes to one host, and whatever that host sends is bounded."""

import gzip
from pathlib import Path

import pytest
from tests.world.host.collected import TOKEN, run
from tests.world.host.fake_host import FakeHost, Sent, github, serving, told

from pawl.base.errors import BadValue
from pawl.world.host.asking import MAX_BYTES, Asking, Reply
from pawl.world.host.github import GitHub


def fake(**answers: Sent) -> FakeHost:
    return FakeHost(
        {f"/{name}": sent for name, sent in answers.items()}, base="/api", paged_by="link"
    )


def get(host: FakeHost, path: str, *, max_bytes: int = MAX_BYTES) -> Reply:
    with serving(host) as url:
        asking = Asking(url, {"Authorization": f"Bearer {TOKEN}"}, secret=True, max_bytes=max_bytes)
        try:
            return asking.get(path)
        finally:
            asking.close()


def moved(place: str, status: int = 301) -> Sent:
    return Sent(status, {"Location": place}, b"")


def test_a_redirect_inside_the_api_is_followed() -> None:
    """A renamed repository answers at its new place."""
    host = fake(old=moved("/api/new"), new=told({"a": 1}))
    assert get(host, "/old").body == b'{"a": 1}'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_other_host_is_asked(status: int) -> None:
    """A redirect to another host ends there, and that host learns nothing."""
    other = fake(new=told({}))
    with serving(other) as elsewhere:
        reply = get(fake(old=moved(f"{elsewhere}/new", status)), "/old")
    assert "another host" in reply.broken
    assert other.log == []


@pytest.mark.parametrize(
    "place", ["/elsewhere", "//evil.example/api/x", "https://[bad", "http://x@127.0.0.1/api/x", ""]
)
def test_odd_redirects_lead_nowhere(place: str) -> None:
    """What is below another path, no address, or back to itself, is given up."""
    assert get(fake(old=moved(place)), "/old").broken


def test_redirects_in_a_circle_end() -> None:
    """A few hops are followed, then no more."""
    host = fake(a=moved("/api/b"), b=moved("/api/a"))
    assert "circle" in get(host, "/a").broken
    assert len(host.log) == 4


def test_a_next_page_on_another_host_is_not_asked_for(tmp_path: Path) -> None:
    """The list is missing, and the other host never hears of the token."""
    host, other = github(), fake(more=told([]))
    with serving(other) as elsewhere, serving(host) as url:
        sent = told([{"tag_name": "v1"}], Link=f'<{elsewhere}/more>; rel="next"')
        host.answers["/repos/acme/shop/releases"] = sent
        done = run(host, tmp_path, url)
    assert "another host" in done.missing["releases"]
    assert other.log == []


def test_an_answer_is_unpacked_up_to_its_bound() -> None:
    """A small packed answer that is large inside is dropped while it is unpacked."""
    packed = gzip.compress(b"[" + b" " * 5_000_000 + b"]")
    assert len(packed) < 10_000
    sent = Sent(200, {"Content-Encoding": "gzip"}, packed)
    assert "larger" in get(fake(x=sent), "/x", max_bytes=100_000).broken
    assert len(get(fake(x=sent), "/x").body) == 5_000_002


def test_a_plain_answer_is_read_up_to_its_bound() -> None:
    """Bytes beyond the bound are not kept."""
    sent = Sent(200, {}, b" " * 200_000)
    reply = get(fake(x=sent), "/x", max_bytes=100_000)
    assert ("larger" in reply.broken, reply.passing, reply.body) == (True, False, b"")


@pytest.mark.parametrize(
    "sent",
    [
        Sent(200, {}, b"[1, 2", length=100),
        Sent(200, {"Content-Encoding": "gzip"}, gzip.compress(b"[1, 2, 3]" * 99)[:-9]),
        Sent(200, {"Content-Encoding": "gzip"}, b"no gzip at all"),
    ],
)
def test_an_answer_that_breaks_off_may_be_asked_for_again(sent: Sent) -> None:
    """What ends too early is no answer, and says that trying again may help."""
    reply = get(fake(x=sent), "/x")
    assert reply.broken
    assert reply.passing


def test_a_coding_that_was_not_asked_for_is_refused() -> None:
    """Nothing is guessed about bytes."""
    assert get(fake(x=Sent(200, {"Content-Encoding": "br"}, b"x")), "/x").broken


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    """The whole answer has one deadline, however often a little comes."""
    ticks = iter(range(0, 10_000, 100))
    with serving(fake(x=told({}))) as url:
        asking = Asking(url, {}, secret=False, clock=lambda: float(next(ticks)))
        reply = asking.get("/x")
        asking.close()
    assert (reply.broken, reply.passing) == ("it is too slow", True)


def test_cookies_are_not_carried_on() -> None:
    """What one answer sets does not go along with the next question."""
    host = fake(a=Sent(200, {"Set-Cookie": "who=ada"}, b"{}"), b=told({}))
    with serving(host) as url:
        asking = Asking(url, {}, secret=False)
        asking.get("/a")
        asking.get("/b")
        asking.close()
    assert all("cookie" not in headers for _, headers, _ in host.log)


def test_nobody_there_is_told_without_the_address() -> None:
    """The message has the kind of failure alone: an address may carry more than it should."""
    reply = Asking("http://127.0.0.1:9/api", {}, secret=False)
    told = reply.get("/x?token=5ecret")
    reply.close()
    assert told.passing
    assert "5ecret" not in told.broken


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "ftp://example.org", "https://", "https://a:b@example.org", "https://x/?a=1",
        "https://x/#f", "https://x:99999", "https://x y", "http://example.org", "https://ex\nample",
    ],
)  # fmt: skip
def test_addresses_that_would_leak_or_mean_nothing_are_refused(url: str) -> None:
    """So is a token in the clear, except to this very machine."""
    with pytest.raises(BadValue):
        GitHub(TOKEN, url)


def test_plain_http_needs_no_token_or_this_machine() -> None:
    """Without a token nothing is given away."""
    assert GitHub(None, "http://example.org/api/v3/").url == "http://example.org/api/v3"
    assert GitHub(TOKEN, "http://127.0.0.1:1/api/v3").url


def test_a_token_that_cannot_be_sent_is_not_told() -> None:
    """A token with a line break would put another header in; the message does not repeat it."""
    with pytest.raises(BadValue) as caught:
        GitHub("5ecret\nX-Other: 1")
    assert "5ecret" not in str(caught.value)
