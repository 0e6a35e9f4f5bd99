"""What a reply means: an answer, a limit with its length, a no, or a failure that may pass."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.host_questions import Answer
from pawl.world.host.answering import answer
from pawl.world.host.asking import Asking, Reply

ASKING = Asking("https://host.example/api/v4", {}, secret=True)
NOW_S = 1_000.0


def meaning(status: int, value: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return answer(Reply(status=status, headers=named, body=body), ASKING, "/x?a=1", NOW_S)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (meaning(429, {}, retry_after="30"), 30),
        (meaning(429, {}, retry_after="0"), 1),
        (meaning(429, {}, retry_after="Thu, 01 Jan 1970 00:17:00 GMT"), 20),
        (meaning(429, {}, retry_after="soon"), 60),
        (meaning(429, {}, ratelimit_remaining="0", ratelimit_reset="1099"), 100),
        (meaning(403, {}, x_ratelimit_remaining="0", x_ratelimit_reset="1099"), 100),
        (meaning(403, {}, retry_after="30", x_ratelimit_remaining="5"), 30),
        (meaning(403, {"message": "You have exceeded a secondary rate limit."}), 60),
        (meaning(403, {}, x_ratelimit_remaining="0", x_ratelimit_reset="next week"), 60),
        (meaning(429, b"<html>"), 60),
    ],
)
def test_limits_last_as_long_as_the_host_says(reply: Answer, seconds: float) -> None:
    """In seconds, as a date, or until a reset; a minute where nothing is said."""
    assert (reply.outcome, reply.wait_s) == ("limited", seconds)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (
            meaning(403, {"message": "Not for you"}, x_ratelimit_remaining="9"),
            "refused",
        ),
        (meaning(404, {}), "refused"),
        (meaning(401, {}), "refused"),
        (meaning(409, {"message": "Git Repository is empty."}), "refused"),
        (meaning(500, b"<html>"), "failed"),
        (meaning(503, {}), "failed"),
        (meaning(202, {}), "failed"),
        (meaning(200, b"<html>"), "failed"),
        (meaning(200, b""), "failed"),
        (meaning(200, b'{"a": 1'), "failed"),
        (meaning(200, b"\xff\xfe"), "failed"),
        (meaning(304, b""), "unchanged"),
        (meaning(204, b""), "told"),
        (meaning(200, []), "told"),
    ],
)
def test_a_no_is_told_from_a_failure(reply: Answer, outcome: str) -> None:
    """A no is for good; a failure may pass; neither is an empty answer."""
    assert reply.outcome == outcome


def test_what_the_host_says_is_plain_and_short() -> None:
    """Its words get onto terminals."""
    reason = meaning(404, {"message": "no\x1b[2J\n" + "x" * 5000}).reason
    assert reason.isprintable()
    assert len(reason) < 300


def test_an_answer_tells_when_the_limit_is_spent() -> None:
    """The next question waits until the reset, not this answer."""
    reply = meaning(200, [], x_ratelimit_remaining="0", x_ratelimit_reset="1049")
    assert (reply.outcome, reply.wait_s) == ("told", 50)


@pytest.mark.parametrize(
    ("headers", "following"),
    [
        ({"link": '<https://a/1>; rel="prev", <https://a/2>; rel="next"'}, "https://a/2"),
        ({"link": '<https://a/2>; rel="last"'}, ""),
        ({"link": "<https://a/2>; rel=next"}, "https://a/2"),
        ({"x_next_page": "3"}, "https://host.example/api/v4/x?a=1&page=3"),
        ({"x_next_page": "", "link": '<https://a/2>; rel="next"'}, "https://a/2"),
        ({"x_next_page": "../3"}, ""),
        ({"link": "<" * 100_000}, ""),
        ({}, ""),
    ],
)
def test_the_next_page(headers: dict[str, str], following: str) -> None:
    """GitLab's number is put into our own address; a link is taken as it is, to be checked."""
    assert meaning(200, [], **headers).next == following


@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(
            ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "link", "x-next-page"]
        ),
        st.text(max_size=20) | st.integers(-5, 10**14).map(str),
    ),
    st.binary(max_size=40),
)
def test_no_reply_breaks_it(status: int, headers: dict[str, str], body: bytes) -> None:
    """Whatever comes is one of the outcomes, with a wait that is a number of seconds."""
    found = answer(Reply(status=status, headers=headers, body=body), ASKING, "/x", NOW_S)
    assert found.outcome in ("told", "unchanged", "limited", "refused", "failed")
    assert 0 <= found.wait_s < float("inf")
    assert found.outcome != "limited" or found.wait_s >= 1
