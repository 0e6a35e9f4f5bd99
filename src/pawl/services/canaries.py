"""Run a repository's canaries in copies of it, and write what they proved as evidence."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue
from pawl.base.redaction import redact
from pawl.maturity.canary import Canary, CanaryResult, Plant, Ran, judge


class Bench(Protocol):
    """A throw-away copy."""

    def plant(self, fault: Plant) -> None:
        """Put a fault into it."""

    def run(self, command: tuple[str, ...], timeout_s: float) -> Ran:
        """Run a command in it."""


def run_canaries(
    canaries: Sequence[Canary],
    wanted: Sequence[str],
    bench: Callable[[], AbstractContextManager[Bench]],
    now: Callable[[], str],
    told: Callable[[str], None],
) -> Iterator[CanaryResult]:
    """Yield what each wanted canary proved, all without names; raises BadValue for a stranger."""
    known = {each.id: each for each in canaries}
    for name in wanted:
        if name not in known:
            raise BadValue(f"{name!r} is no canary.", hint=f"Take some of: {', '.join(known)}.")
    for canary in canaries:
        if wanted and canary.id not in wanted:
            continue
        told(canary.id)
        timeout_s = parse_duration(canary.timeout, place=canary.id)
        planted = None
        with bench() as copy:
            clean = _without_secrets(copy.run(canary.command, timeout_s))
            if clean.status == 0:
                copy.plant(canary.plant)
                planted = _without_secrets(copy.run(canary.command, timeout_s))
        yield judge(canary, now(), clean, planted)


def evidence_lines(results: Sequence[CanaryResult], as_of: str) -> str:
    """Return the results as a `pawl.operations/1` export; what proved nothing is left out."""
    proved = [each for each in results if each.bites is not None]
    since = min([as_of, *(each.at for each in proved)])
    head: dict[str, object] = {
        "kind": "export",
        "schema": "pawl.operations/1",
        "complete_since": since,
        "covers": ["drills"],
    }
    lines = [head]
    for each in proved:
        lines.append(
            {
                "kind": "drill",
                "id": f"canary-{each.id}-{each.at}",
                "drill": "canary",
                "at": each.at,
                "succeeded": each.bites,
                "gate": each.gate,
                "fault": each.id,
            }
        )
    return "".join(f"{msgspec.json.encode(line).decode()}\n" for line in lines)


def _without_secrets(ran: Ran) -> Ran:
    return msgspec.structs.replace(ran, told=redact(ran.told))
