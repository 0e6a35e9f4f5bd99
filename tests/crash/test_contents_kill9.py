"""Kill a server that keeps contents again and again: what it acknowledged has its texts, once."""

import random
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.end_to_end.served import Served
from tests.telemetry.otlp.cases import claude_log, logs

from pawl.store.contents import Contents

JSON = {"content-type": "application/json"}
SEED = 7


class Sender(threading.Thread):
    """Sends a prompt until it is acknowledged, and then the next one."""

    def __init__(self, served: Served, number: int) -> None:
        super().__init__()
        self.acknowledged: list[str] = []
        self.over = threading.Event()
        self._served = served
        self._number = number

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            words = f"sender {self._number} says {number} " + "and so on " * 40
            at = str(time.time_ns())
            record = claude_log("user_prompt", prompt=words, event_0sequence=number)
            record |= {"timeUnixNano": at}
            session = {"session.id": f"s{self._number}"}
            record["attributes"] = [
                each for each in record["attributes"] if each["key"] != "session.id"
            ]
            body = logs(record, **session)
            while not self._taken(body):
                time.sleep(0.02)
            self.acknowledged.append(words)

    def _taken(self, body: bytes) -> bool:
        try:
            return self._served.post("/v1/logs", body, JSON) == 200
        except OSError:
            return False


@pytest.mark.heavy
def test_kills_leave_no_acknowledged_event_without_its_text(tmp_path: Path) -> None:
    """Whatever was acknowledged is there whole, and nothing twice."""
    chance = random.Random(SEED)
    served = Served(tmp_path)
    served.data.mkdir(parents=True)
    (served.data / "pawl.toml").write_text("[content]\nkeep = true\n")
    served.start()
    senders = [Sender(served, number) for number in range(3)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(4):
            time.sleep(chance.uniform(0.2, 1.2))
            served.kill()
            served.start()
        time.sleep(0.5)
    finally:
        for sender in senders:
            sender.over.set()
        for sender in senders:
            sender.join(timeout=60)
    served.end()

    ids = set(served.stored_ids())
    contents = Contents(served.data, lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    for number, sender in enumerate(senders):
        assert len(sender.acknowledged) > 3
        stored, left_out = contents.of_session(f"s{number}", 100_000_000)
        assert not left_out
        assert [each.text for each in stored] == sender.acknowledged
        assert {each.event_id for each in stored} <= ids
    contents.close()
