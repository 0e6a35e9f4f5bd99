"""Alerts of a real server: ten seconds from an event to the receiver, once, and after a kill."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook
from tests.world.notify.receivers import Received, http_receiver

from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source
from pawl.world.clock import now

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DELAY_S = 10.0


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `pawl up` on a data folder; kills it at the end."""
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    process = subprocess.Popen(
        [sys.executable, "-m", "pawl", "--data", str(data), "up", "--port", "0", "--json"],
        env={**environment, "HOOK_SECRET": SECRET}, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())["url"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def asked(url: str) -> Any:
    """Return a JSON answer."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def ready(url: str) -> str:
    """Return what `/readyz` says."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        with refused:
            return str(refused.read().decode())


def until(holds: Callable[[], object], seconds: float = 30.0) -> float:
    """Wait until something holds; return the seconds it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.05)
    return time.monotonic() - began


def spend(data: Path, name: str, project: str) -> None:
    """Write a request of 30 dollars into the spool, as a run does."""
    event = Event(
        id=name, time=now(), kind=Kind.REQUEST, source=Source.RUN, agent="claude-code",
        project=project, session_id=f"s-{name}", request_id=f"r-{name}", final=True,
        model="claude-opus-4-5", input=0, output=1_200_000, cache_read=0,
        cache_write_5m=0, cache_write_1h=0,
    )  # fmt: skip
    with SpoolWriter(data / "spool", name) as writer:
        writer.append([event])
        writer.commit()


def configured(data: Path, received: Received) -> None:
    """Configure one signed webhook in the data folder."""
    data.mkdir(parents=True)
    (data / "pawl.toml").write_text(
        f'[alerts.channels.hook]\nkind = "webhook"\nurl = "{received.url}"\n'
        'secret = "HOOK_SECRET"\n'
    )


def test_an_alert_is_delivered_within_ten_seconds_and_survives_a_kill(tmp_path: Path) -> None:
    """From the spool to the receiver in time; the receiver being away and kill -9 lose nothing."""
    data = tmp_path / "machine"
    with http_receiver() as received:
        configured(data, received)
        with serving(data) as (process, url):
            until(lambda: asked(f"{url}/api/alerts")["watched"]["state"] == "looking")
            assert ready(url) == "ready\n"
            spend(data, "one", "shop")
            assert until(lambda: received.requests) <= DELAY_S
            _, headers, body = received.requests[0]
            told = Webhook(SECRET).verify(body, headers)
            assert told["alerts"][0]["rule"] == "cost-over-threshold"
            assert told["alerts"][0]["scope"] == [["project", "shop"]]
            received.status = 500
            spend(data, "two", "search")
            until(lambda: len(received.requests) > 1)
            process.kill()
        received.status = 200
        before = len(received.requests)
        with serving(data) as (_, url):
            until(lambda: len(received.requests) > before, 200.0)
            view = asked(f"{url}/api/alerts")
    told_of = [json.loads(body)["alerts"][0]["scope"][0][1] for _, _, body in received.requests]
    assert told_of[0] == "shop"
    assert set(told_of[1:]) == {"search"}, "the first one was told again"
    assert len({headers["webhook-id"] for _, headers, _ in received.requests}) == 2
    firing = {line["alert"]["rule"] for line in view["firing"]}
    assert "cost-over-threshold" in firing
    verified = subprocess.run(
        [sys.executable, "-m", "pawl", "--data", str(data), "ledger", "verify", "--replay"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout
