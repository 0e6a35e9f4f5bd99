"""Webhooks: signed, sent to where the machine says and nowhere else, and secret about it."""

import socket
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook
from tests.alerts.made_alerts import HOSTILE, a_notice
from tests.world.notify.receivers import Received, http_receiver

from pawl.alerts import delivery
from pawl.alerts.delivery import NotDelivered
from pawl.base.errors import BadValue
from pawl.base.loading import load_toml
from pawl.runs.alert_settings import ChannelSettings
from pawl.world import channel
from pawl.world.channel import Opening, Sender
from pawl.world.clock import now
from pawl.world.notify import slack, webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def received() -> Iterator[Received]:
    """Return a receiver on this machine."""
    with http_receiver() as found:
        yield found


def opened(url: str | None, secret: str | None = "HOOK", **environment: str) -> Sender:
    """Open a webhook."""
    settings = ChannelSettings(kind="webhook", url=url, secret=secret)
    known = {"HOOK": SECRET} | environment
    return webhook.CHANNEL.open(
        Opening(settings=settings, place="p", link="http://here", environment=known)
    )


def test_a_webhook_is_signed_as_the_standard_says(received: Received) -> None:
    """A receiver with the secret verifies it and finds the notice under its own id."""
    opened(received.url + "/in").send(a_notice(text=HOSTILE), now())
    ((path, headers, body),) = received.requests
    assert path == "/in"
    told = Webhook(SECRET).verify(body, headers)
    assert told["id"] == headers["webhook-id"] == "notice1"
    assert told["title"] == HOSTILE
    assert told["link"] == "http://here/alerts"


def test_sending_again_has_the_same_id(received: Received) -> None:
    """A receiver can drop repetitions."""
    sender = opened(received.url)
    for _ in range(2):
        sender.send(a_notice(), now())
    assert {headers["webhook-id"] for _, headers, _ in received.requests} == {"notice1"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(received: Received, status: int) -> None:
    """A receiver cannot lead the server to another address, on this machine or elsewhere."""
    with http_receiver() as inner:
        received.status, received.headers = status, {"location": inner.url + "/secret"}
        with pytest.raises(NotDelivered, match="redirects are not followed"):
            opened(received.url).send(a_notice(), now())
        assert inner.requests == []
    assert len(received.requests) == 1


@pytest.mark.parametrize(
    ("status", "retry", "asked", "final"),
    [(500, "", None, False), (404, "", None, False), (429, "30", 30.0, False),
     (503, "Fri, 31 Dec 2027 23:59:59 GMT", None, False), (410, "", None, True)],
)  # fmt: skip
def test_an_answer_that_is_no_yes(
    received: Received, status: int, retry: str, asked: float | None, final: bool
) -> None:
    """It is told by its number alone; 410 ends it, and Retry-After is handed on."""
    received.status, received.body = status, b"secret inside"
    if retry:
        received.headers = {"retry-after": retry}
    with pytest.raises(NotDelivered) as caught:
        opened(received.url).send(a_notice(), now())
    assert str(caught.value) == f"the receiver answered {status}."
    assert (caught.value.retry_after_s, caught.value.final) == (asked, final)


def test_an_endless_answer_is_read_up_to_a_bound() -> None:
    """A receiver that never stops to answer costs a few kilobytes; it has taken the notice."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sent = 0

        def pour() -> None:
            nonlocal sent
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                try:
                    while sent < 500_000_000:
                        sent += connection.send(b"x" * 65536)
                except OSError:
                    return

        thread = threading.Thread(target=pour)
        thread.start()
        opened(f"http://127.0.0.1:{server.getsockname()[1]}").send(a_notice(), now())
        thread.join(20)
        assert sent < 50_000_000


def test_a_receiver_that_does_not_answer_is_given_up(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time-out it is a failure as any other."""
    short = msgspec.structs.replace(delivery.numbers(), timeout_s=0.2)
    monkeypatch.setattr(channel, "numbers", lambda: short)
    received.hold.clear()
    began = time.monotonic()
    with pytest.raises(NotDelivered, match=r"no answer within 0\.2 s"):
        opened(received.url).send(a_notice(), now())
    assert time.monotonic() - began < 10


def test_nothing_that_goes_wrong_tells_the_address() -> None:
    """Whoever has a Slack address can post, so no error holds one."""
    hidden = "http://127.0.0.1:9/services/T0/B0/verysecret"
    settings = ChannelSettings(kind="slack", url="env:SLACK")
    sender = slack.CHANNEL.open(
        Opening(settings=settings, place="p", environment={"SLACK": hidden})
    )
    with pytest.raises(NotDelivered) as caught:
        sender.send(a_notice(), now())
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "secret" not in repr(caught.value)


@pytest.mark.parametrize(
    ("url", "secret", "says"),
    [
        (None, "HOOK", "no url"),
        ("file:///etc/passwd", "HOOK", "not one of"),
        ("gopher://x", "HOOK", "not one of"),
        ("https://", "HOOK", "not one of"),
        ("https://a\r\nb", "HOOK", "not one of"),
        ("https://[oops", "HOOK", "not one of"),
        ("https://a:99999/", "HOOK", "not one of"),
        ("env:NOPE", "HOOK", "NOPE"),
        ("https://a/", "NOPE", "NOPE"),
        ("https://a/", None, "no secret"),
        ("https://a/", "BAD", "not base64"),
    ],
)
def test_a_channel_that_cannot_work_says_why(
    url: str | None, secret: str | None, says: str
) -> None:
    """The error names the place and the remedy, and neither address nor secret."""
    with pytest.raises(BadValue, match=says) as caught:
        opened(url, secret, BAD="x-y-z!")
    assert caught.value.place == "p"
    assert caught.value.hint
    assert "x-y-z" not in str(caught.value)


def test_slack_text_holds_no_markup_of_a_stranger(received: Received) -> None:
    """All that comes from telemetry stands in code spans with Slack's own marks escaped."""
    settings = ChannelSettings(kind="slack", url=received.url)
    slack.CHANNEL.open(Opening(settings=settings, place="p", link="http://here")).send(
        a_notice(text=HOSTILE), now()
    )
    told = msgspec.json.decode(received.requests[0][2])
    text = told["text"]
    outside = "".join(text.split("`")[::2])
    for mark in ("shop", "@channel", "evil", "Bcc"):
        assert mark in text
        assert mark not in outside, "it stands outside of a code span"
    assert "<b>" not in text
    assert "<!here>" not in text
    assert text.count("<") == text.count("|open>") == 1
    assert "\r" not in text
    assert (told["link_names"], told["unfurl_links"]) == (0, False)


def test_a_secret_never_stands_in_the_config() -> None:
    """The settings of a channel have no place for one, only for the name of a variable."""
    written = '[c.hook]\nkind = "webhook"\nurl = "env:HOOK_URL"\nsecret = "HOOK_SECRET"\n'
    found = load_toml(written, dict[str, dict[str, ChannelSettings]], place="pawl.toml")
    with pytest.raises(BadValue, match="'HOOK_URL', which is not set"):
        webhook.CHANNEL.open(Opening(settings=found["c"]["hook"], place="p", environment={}))
