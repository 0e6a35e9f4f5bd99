"""Suggest assertions that a run fails: what went wrong in it, as a case can ask for it.

Each is tried on the run's own record before anybody sees it. What does not fail there proves
nothing of that run and is left out.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.base.errors import BadValue
from pawl.base.finding import Outcome
from pawl.evals.assertion import graders, read_assertion
from pawl.evals.grader import Answer
from pawl.evals.matching import MAX_PATTERN, leaves
from pawl.evals.record import Trial
from pawl.evals.trajectory import Call, calls
from pawl.telemetry.event import Kind

MAX_SUGGESTED = 10
"""Suggestions made of one run."""
MAX_QUOTED = 120
"""Characters of a call's arguments that a suggested pattern repeats."""
REPEATED = 3
"""Equal calls in a row that nobody needs; two are a retry."""


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """One assertion as a case file has it, why it is suggested, and how the run fails it."""

    assertion: dict[str, Any]
    why: str
    answer: Answer


def suggestions(trial: Trial, limit: float | None = None) -> tuple[Suggested, ...]:
    """Return what a run fails; `limit` is the threshold of the limit that stopped it, if one did.

    Money of a limit is in micro-USD, time in seconds.
    """
    found: list[Suggested] = []
    for assertion, why in _candidates(trial, limit):
        if len(found) == MAX_SUGGESTED:
            break
        if all(assertion != each.assertion for each in found):
            answer = tried(trial, assertion, len(found))
            if answer.outcome is Outcome.FAIL:
                found.append(Suggested(assertion=assertion, why=why, answer=answer))
    return tuple(found)


def tried(trial: Trial, assertion: dict[str, Any], place: int) -> Answer:
    """Return how a run answers one assertion; raises BadValue for one that does not read."""
    asked = read_assertion(assertion, place)
    return graders()[asked.grader.replace("-", "_")].grade(trial, asked.arguments)


def _candidates(trial: Trial, limit: float | None) -> Iterator[tuple[dict[str, Any], str]]:
    made = calls(trial)
    yield from _denied(made)
    yield from _circling(trial, made)
    yield from _beyond(trial, limit)
    status = trial.manifest.ending.exit_status
    if status:
        yield {"exit_status": 0}, f"the agent ended with exit status {status}"


def _denied(made: list[Call]) -> Iterator[tuple[dict[str, Any], str]]:
    """What had to be denied should not have been tried."""
    for call in made:
        if call.denied and call.tool is not None:
            yield _never(call), f"{call.tool} was denied"


def _circling(trial: Trial, made: list[Call]) -> Iterator[tuple[dict[str, Any], str]]:
    """A stuck loop: no call needs to be made as often again."""
    if not any(event.kind is Kind.LOOP for event in trial.events):
        return
    same = Counter(_signature(call) for call in made if call.tool is not None)
    for (tool, arguments), count in same.most_common(1):
        if count >= REPEATED:
            asked: dict[str, Any] = {"tool_called": tool, "min": 0, "max": REPEATED - 1}
            pattern = _quoted(arguments)
            if pattern:
                asked["args_match"] = pattern
            yield asked, f"{tool} was called {count} times in the same way"


def _beyond(trial: Trial, limit: float | None) -> Iterator[tuple[dict[str, Any], str]]:
    """A limit that stopped the run is one that a good run stays below."""
    name, spent = trial.manifest.ending.limit, trial.manifest.spent
    if limit is None or name not in ("turns", "usd", "wall"):
        return
    reached = {"turns": spent.turns, "usd": spent.cost_micros, "wall": spent.wall_ms}[name]
    if reached is None:
        return
    # The run went as far as its limit: what is right stays below it.
    if name == "turns":
        yield {"max": {"turns": int(min(limit, reached)) - 1}}, "it was stopped by its turns"
    elif name == "usd":
        most = round(min(limit, reached) * 0.9 / 1_000_000, 4)
        yield {"max": {"usd": most}}, "it was stopped by its dollars"
    else:
        most = round(min(limit, reached / 1000) * 0.9, 1)
        yield {"max": {"wall_s": most}}, "it was stopped by its time"


def _never(call: Call) -> dict[str, Any]:
    asked: dict[str, Any] = {"tool_not_called": call.tool}
    pattern = _quoted(call.arguments.text if call.arguments else "")
    if pattern:
        asked["args_match"] = pattern
    return asked


def _quoted(arguments: str) -> str:
    """Return a pattern of the longest text inside a call's arguments, or nothing."""
    texts = sorted(leaves(arguments), key=len, reverse=True)
    if not texts or not texts[0].strip():
        return ""
    first = texts[0].strip().splitlines()[0][:MAX_QUOTED]
    # Spaces read better as they are, and mean the same.
    pattern = re.escape(first).replace("\\ ", " ").replace("\\-", "-")
    return pattern if len(pattern) <= MAX_PATTERN else ""


def _signature(call: Call) -> tuple[str, str]:
    return call.tool or "", call.arguments.text if call.arguments else ""


def read_asked(text: str, value: object) -> dict[str, Any]:
    """Return an assertion that a person wrote as YAML on a command line; raises BadValue."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise BadValue(
            "an assertion is a mapping.",
            place=text[:80],
            hint="Write it as `tool_not_called: Bash` or `{tool_not_called: Bash, args_match: …}`.",
        )
    return value
