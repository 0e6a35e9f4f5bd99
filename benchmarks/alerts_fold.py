"""How many events a second all alert rules take together, and how long a look takes.

Run `python benchmarks/alerts_fold.py [events]`. The events are made up: sessions of a few
projects with requests told by one or two sources, tool calls with their results, some errors.
"""

import cProfile
import gc
import pstats
import sys
import time

import pawl.alerts.rules
from pawl.alerts.configuring import set_up
from pawl.alerts.instants import instant, seconds
from pawl.alerts.rule import Rule
from pawl.base.catalogue import discover
from pawl.runs.alert_settings import AlertSettings
from pawl.telemetry.event import Event, Kind, Source

START = seconds("2026-11-16T09:00:00.000000Z")
BATCH = 2_000


def made(count: int) -> list[Event]:
    """Return events of 50 sessions in 10 projects, 20 a second."""
    found = []
    for n in range(count):
        session = n % 50
        part = n // 50 % 5
        kind = (Kind.REQUEST, Kind.REQUEST, Kind.MESSAGE, Kind.TOOL_CALL, Kind.TOOL_RESULT)[part]
        turn = n // 250
        names: dict[str, object] = {}
        if kind is Kind.REQUEST:
            names = {
                "request_id": f"r{session}-{turn}",
                "model": "claude-sonnet-4-5",
                "input": 1000,
                "cache_read": 50_000,
                "output": 500,
                "cost_micros": 20_000,
                "duration_ms": 3000 + n % 1000,
                "agent_version": "2.1.0",
            }
        elif kind is not Kind.MESSAGE:
            names = {
                "tool": f"tool{turn % 12}",
                "tool_call_id": f"c{session}-{turn}",
                "outcome": None if kind is Kind.TOOL_CALL else "ok",
                "attributes": {"arguments_digest": f"a{turn}", "result_digest": f"b{turn}"},
            }
        found.append(
            Event(
                id=f"e{n}",
                time=instant(START + n / 20),
                kind=kind,
                source=Source.TELEMETRY if part == 1 else Source.RUN,
                agent="claude-code",
                project=f"p{session % 10}",
                session_id=f"s{session}",
                **names,  # type: ignore[arg-type]
            )
        )
    return found


def measure(count: int) -> None:
    """Print events a second and milliseconds a look, with the price of each part."""
    events = made(count)
    watching = set_up(discover(pawl.alerts.rules, "RULE", Rule), AlertSettings()).watching()
    gc.collect()
    gc.freeze()  # The server does not hold the events it has folded.
    profile = cProfile.Profile() if "--profile" in sys.argv else None
    folding = looking = 0.0
    looks = 0
    if profile is not None:
        profile.enable()
    for begin in range(0, count, BATCH):
        batch = events[begin : begin + BATCH]
        began = time.process_time()
        watching.see(batch, batch[-1].time)
        middle = time.process_time()
        readings = watching.look(batch[-1].time)
        folding += middle - began
        looking += time.process_time() - middle
        looks += 1
    if profile is not None:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    print(f"{count / folding:,.0f} events/s folded, {1000 * looking / looks:.1f} ms a look")
    print(f"{len(readings)} readings at the end")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    measure(numbers[0] if numbers else 200_000)
