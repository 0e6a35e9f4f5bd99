"""The processes of the crash test: a writer that tells what was acknowledged, and a loader.

`child.py write FOLDER SEED` commits events for ever; after each commit has returned it tells the
ids that are now acknowledged, one line and one write of at most PIPE_BUF bytes each, so that a
line with its newline is an acknowledgement and a last line without one is none. `child.py load
FOLDER` drains for ever; it ends by itself when another
process owns the store.
"""

import os
import random
import select
import sys
import time
from pathlib import Path
from typing import Any

from pawl.base.times import time_from_ms
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source

START_MS = 1_763_683_100_000


def write(folder: Path, seed: int) -> None:
    """Commit small batches for ever, rolling over often."""
    chance = random.Random(seed)
    number = 0
    with SpoolWriter(folder / "spool", f"w{seed}", max_bytes=20_000) as writer:
        while True:
            batch = []
            for _ in range(chance.randint(1, 20)):
                number += 1
                batch.append(made_up(f"{seed}-{number}", chance))
            writer.append(batch)
            writer.commit()
            line = " ".join(event.id for event in batch).encode() + b"\n"
            assert len(line) <= select.PIPE_BUF
            assert os.write(sys.stdout.fileno(), line) == len(line)
            time.sleep(0.002)  # So that the loader is not always far behind.


def made_up(name: str, chance: random.Random) -> Event:
    """Return a request or a tool call; requests collide, sessions and runs too."""
    common: dict[str, Any] = {
        "id": name,
        "time": time_from_ms(START_MS + chance.randrange(36_000_000)),
        "agent": "claude-code",
        "source": chance.choice(list(Source)),
        "session_id": f"s{chance.randrange(20)}",
        "run_id": chance.choice([None, f"run_{chance.randrange(10)}"]),
    }
    if chance.random() < 0.3:
        return Event(kind=chance.choice([Kind.TOOL_CALL, Kind.RUN_STARTED]), tool="Bash", **common)
    return Event(
        kind=Kind.REQUEST,
        request_id=chance.choice([None, f"r{chance.randrange(500)}"]),
        message_id=chance.choice([None, f"m{chance.randrange(500)}"]),
        model="m",
        input=chance.randrange(100),
        output=chance.randrange(100),
        cost_micros=chance.randrange(100),
        project=chance.choice([None, "p"]),
        **common,
    )


def load(folder: Path) -> None:
    """Drain for ever, in batches small enough to be interrupted between two."""
    from pawl.store.events.duckdb import DuckEvents

    with DuckEvents(folder) as store:
        print("open", flush=True)
        while True:
            done = store.drain(folder / "spool", batch_bytes=30_000)
            print(done.torn, done.bad, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        load(Path(sys.argv[2]))
