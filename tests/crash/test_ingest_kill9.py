"""Kill the server again and again under load: what it acknowledged is there, and once.

The senders do what OTLP asks of them: they send a batch until it is acknowledged. So at the end
the store holds each batch they ever began, and nothing else.
"""

import http.client
import os
import random
import threading
import time
from pathlib import Path

import pytest
from benchmarks.telemetry_batches import batch, packed, request_ids
from tests.end_to_end.served import GZIPPED, Served

from pawl.telemetry.otlp.reading import PROTOBUF, Signal, read

SEED = int(os.environ.get("PAWL_KILL_SEED", "4"))
RECORDS = 20
NOW = "2026-11-21T12:00:00.000000Z"


class Sender(threading.Thread):
    """Sends batches one after the other, each until it is acknowledged; some once more."""

    def __init__(self, served: Served, number: int) -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self.tries = 0
        self.over = threading.Event()
        self._served = served
        self._number = number
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        chance = random.Random(f"{SEED} {self._number}")
        number = 0
        while not self.over.is_set():
            number += 1
            body = packed(self._number, number, RECORDS)
            for _ in range(chance.choice((1, 1, 1, 2))):
                while not self._taken(body):
                    time.sleep(0.02)
            self.acknowledged.append(number)
        self._hang_up()

    def _taken(self, body: bytes) -> bool:
        self.tries += 1
        try:
            if self._connection is None:
                self._connection = self._served.connect()
            self._connection.request("POST", "/v1/logs", body, GZIPPED)
            answered = self._connection.getresponse()
            answered.read()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return False
        assert answered.status in (200, 503), answered.status
        return answered.status == 200

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def killed_under_load(root: Path, kills: int) -> None:
    """Tell the story and hold the store against what was acknowledged."""
    chance = random.Random(SEED)
    served = Served(root)
    served.start()
    senders = [Sender(served, number) for number in range(4)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 1.2))
            served.kill()
            served.start()
    finally:
        for sender in senders:
            sender.over.set()
        for sender in senders:
            sender.join(timeout=60)
    served.end()

    assert served.said.count("\n") == served.said.count("Pawl serves "), served.said
    wanted: set[str] = set()
    requests: set[str] = set()
    for number, sender in enumerate(senders):
        assert sender.acknowledged
        for which in sender.acknowledged:
            body = batch(number, which, RECORDS)
            told = read(Signal.LOGS, PROTOBUF, body, received=NOW)
            wanted.update(event.id for event in told.events)
            requests.update(request_ids(number, which, RECORDS))
    stored = served.stored_ids()
    assert len(stored) == len(set(stored))
    assert set(stored) == wanted
    assert sum(sender.tries for sender in senders) > sum(len(s.acknowledged) for s in senders)
    _on_the_bill(served, requests)


def _on_the_bill(served: Served, requests: set[str]) -> None:
    with served:
        bill = served.json("/api/cost?by=model")
    assert bill["total"]["requests"] == len(requests)


def test_three_kills_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    """After three kills the store holds each acknowledged event once, and no other."""
    killed_under_load(tmp_path, 3)


@pytest.mark.heavy
def test_thirty_kills_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    """So it does after thirty-five. PAWL_KILL_SEED names another seed."""
    killed_under_load(tmp_path, 35)
