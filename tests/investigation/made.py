"""Facts and investigations for tests, as small as what they show."""

from typing import Any

from pawl.base.times import parse_time
from pawl.investigation.facts import (
    Change,
    ChangeKind,
    Facts,
    Gathered,
    Line,
    Look,
    Outcome,
    Series,
    Window,
)
from pawl.investigation.investigate import Known, investigate
from pawl.investigation.investigation import Investigation
from pawl.investigation.knowledge import shipped_knowledge
from pawl.investigation.terms import shipped_terms

TERMS = shipped_terms()
KNOWLEDGE = shipped_knowledge()
WINDOW = Window(
    since="2026-11-20T10:00:00.000000Z",
    until="2026-11-20T12:10:00.000000Z",
    at="2026-11-20T12:00:00.000000Z",
    components=("shop",),
)
NOON = parse_time(WINDOW.at).timestamp()
TOPICS = ("changes", "deploys", "flags", "logs", "events", "metrics", "alerts")


def line(minute: float, message: str, level: str = "error", **of: str) -> Line:
    """Return a line so many minutes from noon."""
    return Line(NOON + minute * 60, level, "shop", message, "shop.log:1", tuple(of.items()))


def series(name: str, *steps: tuple[int, float], **labels: str) -> Series:
    """Return a measure by the minute, with its value from each named minute on."""
    points = []
    for minute in range(-120, 11):
        held = [value for begin, value in steps if begin <= minute]
        if held:
            points.append((NOON + minute * 60, held[-1]))
    return Series(name=name, source="metrics", points=tuple(points), labels=labels)


def change(minute: float, name: str, **fields: Any) -> Change:
    """Return a commit so many minutes from noon."""
    from pawl.base.times import time_from_ms

    told: dict[str, Any] = {"kind": ChangeKind.COMMIT, "title": name, "source": "git"}
    at = time_from_ms((NOON + minute * 60) * 1000)
    return Change(id=name, at=at, **(told | fields))


def gathered(outcome: Outcome = "looked", why: str = "", **facts: Any) -> Gathered:
    """Return facts of one source that tells of everything."""
    look = Look(source="all", title="All", outcome=outcome, answers=TOPICS, why=why)
    return Gathered(look=look, facts=Facts(**facts))


def found(*parts: Gathered, **known: Any) -> Investigation:
    """Return the investigation of these facts."""
    return investigate(
        "inc_1",
        WINDOW,
        parts,
        Known(terms=TERMS, knowledge=KNOWLEDGE, **known),
        WINDOW.until,
    )


def errors(text: str, begin: float = -3, end: float = 10, per_minute: int = 20) -> list[Line]:
    """Return many lines of one error."""
    count = int((end - begin) * per_minute)
    return [line(begin + at / per_minute, text) for at in range(count)]
