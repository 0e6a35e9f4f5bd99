"""The executor `webhook`: signed, with one key for repetitions, and read back by asking."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook
from tests.world.executors.made_orders import opened, order
from tests.world.notify.receivers import Received, http_receiver

from pawl.base.errors import BadValue
from pawl.changes.executing import is_as_wanted
from pawl.changes.manifest import part_digest
from pawl.changes.parts import Prompt
from pawl.world.executor import Executor, NotExecuted
from pawl.world.executors import webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def received() -> Iterator[Received]:
    """Return a receiver on this machine."""
    with http_receiver() as found:
        yield found


def ready(url: str, folder: Path, **other: str) -> Executor:
    """Return a webhook that posts to `/do` and asks `/is`."""
    settings = {"url": f"{url}/do", "read_back_url": f"{url}/is", "secret": "HOOK"} | other
    return opened("webhook", folder, {"HOOK": SECRET}, **settings)


def test_an_order_is_signed_and_repeats_under_one_key(received: Received, tmp_path: Path) -> None:
    """A receiver with the secret verifies it, and can tell a repetition."""
    executor = ready(received.url, tmp_path)
    executor.call(order())
    executor.call(order())
    for path, headers, body in received.requests:
        assert path == "/do"
        told = Webhook(SECRET).verify(body, headers)
        assert told["kind"] == "start"
        assert told["parts"] == {"prompt/support": {"type": "prompt", "text": "Be brief."}}
        assert headers["idempotency-key"] == headers["webhook-id"] == "chg-1.5"
    assert len(received.requests) == 2


def test_what_there_is_is_asked_each_time_anew(received: Received, tmp_path: Path) -> None:
    """Two questions are two messages, so that no answer of before is taken for today's."""
    right = {"digests": {"prompt/support": part_digest(Prompt(text="Be brief."))}}
    received.body = json.dumps(right).encode()
    executor = ready(received.url, tmp_path)
    assert is_as_wanted(executor.read_back(order()), order().parts)
    received.body = b'{"parts": {"prompt/support": null}}'
    assert not is_as_wanted(executor.read_back(order()), order().parts)
    first, second = (headers["webhook-id"] for _, headers, _ in received.requests)
    assert first != second
    assert {path for path, _, _ in received.requests} == {"/is"}


@pytest.mark.parametrize(
    ("status", "final"), [(500, False), (302, False), (409, False), (410, True)]
)
def test_an_answer_that_is_no_yes(
    received: Received, tmp_path: Path, status: int, final: bool
) -> None:
    """Anything but a 2xx is a failure, redirects are not followed, and 410 is for good."""
    received.status, received.headers = status, {"location": received.url + "/elsewhere"}
    with pytest.raises(NotExecuted, match=str(status)) as caught:
        ready(received.url, tmp_path).call(order())
    assert caught.value.final is final
    assert len(received.requests) == 1


def test_a_flood_and_silence_confirm_nothing(
    received: Received, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer without end, or none, is a failure that names no address."""
    monkeypatch.setattr(webhook, "OUTPUT_MAX", 1000)
    received.body = b"x" * 2000
    with pytest.raises(NotExecuted, match="more than"):
        ready(received.url, tmp_path).read_back(order())
    received.hold.clear()
    with pytest.raises(NotExecuted, match="within 1 s") as caught:
        ready(received.url, tmp_path, timeout="1s").call(order())
    received.hold.set()
    assert received.url not in str(caught.value)
    with pytest.raises(NotExecuted, match="cannot be reached"):
        ready("http://127.0.0.1:9", tmp_path).call(order())


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "file:///etc/passwd", "read_back_url": "http://x/", "secret": "HOOK"},
        {"url": "http://x/", "secret": "HOOK"},
        {"url": "http://x/", "read_back_url": "http://x/"},
        {"url": "http://x/", "read_back_url": "http://x/", "secret": "UNSET"},
        {"url": "http://x/", "read_back_url": "http://x/", "secret": "SHORT"},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, settings: dict[str, str]) -> None:
    """Without an address, a place to ask, or a key there is no webhook."""
    with pytest.raises(BadValue):
        opened("webhook", tmp_path, {"HOOK": SECRET, "SHORT": "whsec_AAAA"}, **settings)
