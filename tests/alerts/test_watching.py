"""All rules at work: order, repetition and clocks do not fool them, and memory is bounded."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pawl.alerts.rules
from pawl.alerts.configuring import set_up
from pawl.alerts.instants import instant, seconds
from pawl.alerts.intake import Intake, Memory
from pawl.alerts.objectives import INDICATORS, Objective
from pawl.alerts.reading import Condition, Level, Reading
from pawl.alerts.requests import Requests
from pawl.alerts.rule import Context, Rule
from pawl.alerts.watching import Watching
from pawl.base.catalogue import discover
from pawl.runs.alert_settings import AlertSettings
from pawl.telemetry.event import Event, Kind, Source

RULES = discover(pawl.alerts.rules, "RULE", Rule)
SETUP = set_up(RULES, AlertSettings())
START = seconds("2026-11-16T09:00:00.000000Z")


def event(n: int, kind: Kind, at: float = 0.0, **names: Any) -> Event:
    """Return an event so many seconds after the start."""
    plain = {"source": Source.RUN, "agent": "claude-code", "project": "shop", "session_id": "s"}
    return Event(id=f"e{n}", time=instant(START + at), kind=kind, **(plain | names))


@st.composite
def batches(draw: st.DrawFn) -> list[list[Event]]:
    """Return batches of a few minutes, with requests told several times, tools and errors."""
    made: list[list[Event]] = []
    number = 0
    for minute in range(draw(st.integers(1, 3))):
        batch = []
        for _ in range(draw(st.integers(0, 25))):
            number += 1
            kind = draw(
                st.sampled_from(
                    [Kind.REQUEST, Kind.REQUEST, Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.ERROR]
                )
            )
            names: dict[str, Any] = {
                "source": draw(st.sampled_from([Source.RUN, Source.TRANSCRIPT, Source.TELEMETRY]))
            }
            if kind is Kind.REQUEST:
                names |= {
                    "request_id": f"r{draw(st.integers(0, 12))}",
                    "model": draw(st.sampled_from(["a", "b"])),
                    "reported_micros": draw(st.integers(1, 30)) * 1_000_000,
                    "input": draw(st.integers(1, 1000)),
                    "output": draw(st.integers(1, 1000)),
                    "final": draw(st.booleans()),
                    "duration_ms": draw(st.integers(1, 90_000)),
                }
            elif kind is not Kind.ERROR:
                digest = draw(st.sampled_from(["x", "y"]))
                names |= {
                    "tool": "Bash",
                    "tool_call_id": f"c{draw(st.integers(0, 20))}",
                    "outcome": draw(st.sampled_from(["ok", "error"])),
                    "attributes": {"arguments_digest": digest, "result_digest": digest},
                }
            batch.append(event(number, kind, minute * 60 + draw(st.integers(0, 59)), **names))
        made.append(batch)
    return made


def looks(parts: list[list[Event]]) -> list[tuple[Reading, ...]]:
    """Return the readings after each batch, a minute apart."""
    watching = SETUP.watching()
    found = []
    for number, batch in enumerate(parts):
        now = instant(START + 60 * (number + 1))
        watching.see(batch, now)
        found.append(watching.look(now))
    return found


@settings(max_examples=40)
@given(batches(), st.randoms(use_true_random=False))
def test_the_order_within_a_batch_changes_nothing(parts: list[list[Event]], chance: Any) -> None:
    """A batch is put in order before any rule sees it."""
    shuffled = [list(batch) for batch in parts]
    for batch in shuffled:
        chance.shuffle(batch)
    assert looks(parts) == looks(shuffled)


@settings(max_examples=40)
@given(batches())
def test_reading_everything_again_changes_nothing(parts: list[list[Event]]) -> None:
    """Events that come twice in a batch, or again in every later one, are passed over."""
    again = [
        [*batch, *batch, *(event for earlier in parts[:number] for event in earlier)]
        for number, batch in enumerate(parts)
    ]
    assert looks(parts) == looks(again)


@settings(max_examples=40)
@given(batches())
def test_looking_twice_reads_the_same(parts: list[list[Event]]) -> None:
    """A look changes nothing that a later look would see."""
    watching = SETUP.watching()
    for number, batch in enumerate(parts):
        now = instant(START + 60 * (number + 1))
        watching.see(batch, now)
        assert watching.look(now) == watching.look(now)


@settings(max_examples=15)
@given(batches())
def test_how_facts_are_parted_changes_nothing(parts: list[list[Event]]) -> None:
    """A rule that is given all facts at once reads what it reads when given one at a time."""
    objectives = [
        Objective(
            name=name, service="s", target=0.9, window_s=86_400.0, indicator=name, threshold_ms=9.0
        )
        for name in INDICATORS
    ]
    own = set_up(RULES, AlertSettings(rules={"cost-over-threshold": {"usd_total": 9.0}}))
    for name, rule in RULES.items():
        context = Context(rule=name, thresholds=own.thresholds[name], objectives=tuple(objectives))
        intake, at_once, one_by_one = Intake(), rule.start(context), rule.start(context)
        for number, batch in enumerate(parts):
            now = START + 60.0 * (number + 1)
            facts = [fact for fact in intake.take(batch, now) if fact.event.kind in rule.kinds]
            at_once.see(facts)
            for fact in facts:
                one_by_one.see([fact])
            assert at_once.look(now) == one_by_one.look(now)
            assert at_once.forgotten == one_by_one.forgotten


@settings(max_examples=40)
@given(batches(), st.integers(1, 30))
def test_the_past_at_once_is_the_past_as_it_was_watched(
    parts: list[list[Event]], hours: int
) -> None:
    """Events said to be live count as if each had been received when it happened."""
    now = instant(START + 3600.0 * hours)
    past = sorted((event for batch in parts for event in batch), key=lambda event: event.time)
    watched, at_once, imported = SETUP.watching(), SETUP.watching(), SETUP.watching()
    for event in past:
        watched.see([event], event.time)
    at_once.see(past, now, live=True)
    imported.see(past, now)
    assert at_once.look(now) == watched.look(now)
    assert at_once.taken == watched.taken == imported.taken


def _spent(watching: Watching, now: str) -> float:
    return sum(
        each.value or 0.0
        for each in watching.look(now)
        if each.rule == "cost-over-threshold" and each.level is Level.WARNING
    )


@settings(max_examples=40)
@given(st.permutations(range(4)))
def test_a_request_is_spent_once_in_whatever_order_it_is_told(order: list[int]) -> None:
    """Partial, final, transcript and telemetry: the final telling of the transcript pays."""
    tellings = [
        event(0, Kind.REQUEST, 1, request_id="q", reported_micros=1_000_000, final=False, input=1),
        event(1, Kind.REQUEST, 2, request_id="q", reported_micros=3_000_000, final=True, input=1),
        event(
            2, Kind.REQUEST, 3, request_id="q", message_id="m", reported_micros=2_000_000,
            final=True, input=1, source=Source.TRANSCRIPT, project=None,
        ),
        event(
            3, Kind.REQUEST, 4, request_id="q", reported_micros=9_000_000, final=True, input=1,
            source=Source.TELEMETRY, project="other",
        ),
    ]  # fmt: skip
    watching, now = SETUP.watching(), instant(START + 60)
    for number in order:
        watching.see([tellings[number]], now)
    assert _spent(watching, now) == 2.0
    spent = [each for each in watching.look(now) if each.rule == "cost-over-threshold"]
    assert {dict(each.scope)["project"] for each in spent if each.value} == {"shop"}


def test_a_message_and_its_request_are_one() -> None:
    """A telling with both ids links a message to its request, before or after."""
    both = event(0, Kind.REQUEST, request_id="q", message_id="m", reported_micros=5_000_000)
    message = event(1, Kind.REQUEST, message_id="m", reported_micros=5_000_000)
    for pair in ([both, message], [message, both]):
        watching, now = SETUP.watching(), instant(START + 60)
        for each in pair:
            watching.see([each], now)
        assert _spent(watching, now) == 5.0


def test_a_price_is_asked_for_and_unknown_stays_unknown() -> None:
    """Our own price outranks the sender's; a request without either has no cost at all."""
    request = event(0, Kind.REQUEST, model="m", input=10, output=1, reported_micros=7)
    priced = Requests(lambda model, usage, day: 99).tell(request, START)
    reported = Requests(lambda model, usage, day: None).tell(request, START)
    bare = msgspec.structs.replace(request, reported_micros=None)
    unknown = Requests(None).tell(bare, START)
    assert priced is not None
    assert reported is not None
    assert unknown is not None
    assert [each[1].micros for each in (priced, reported, unknown)] == [99, 7, None]


def test_an_event_from_the_future_happened_now() -> None:
    """A clock that runs a year ahead neither hides its money nor fires for tomorrow."""
    watching, now = SETUP.watching(), instant(START + 60)
    ahead = event(0, Kind.REQUEST, 400 * 86_400.0, reported_micros=21_000_000)
    watching.see([ahead], now)
    assert _spent(watching, now) == 21.0
    assert watching.taken.ahead == 1
    tomorrow = instant(START + 2 * 86_400)
    readings = [each for each in watching.look(tomorrow) if each.rule == "cost-over-threshold"]
    assert all(each.condition is not Condition.HOLDS for each in readings)


def test_a_late_event_counts_on_the_day_it_happened() -> None:
    """Yesterday's request that comes today spends nothing of today."""
    watching, now = SETUP.watching(), instant(START + 60)
    watching.see([event(0, Kind.REQUEST, 0, reported_micros=1_000_000)], now)
    watching.see([event(1, Kind.REQUEST, -86_400, reported_micros=50_000_000)], now)
    assert _spent(watching, now) == 1.0


def test_an_old_loop_that_is_imported_late_sets_nothing_off() -> None:
    """Calls behind those that were seen are no repetition now."""
    calls = [
        event(
            n, Kind.TOOL_CALL, n, tool="Bash", tool_call_id=f"c{n}",
            attributes={"arguments_digest": "x"},
        )
        for n in range(9)
    ]  # fmt: skip
    watching = SETUP.watching()
    watching.see(calls[8:], instant(START + 20))
    for number in range(7, -1, -1):
        watching.see([calls[number]], instant(START + 20))
    readings = [each for each in watching.look(instant(START + 20)) if each.rule == "stuck-loop"]
    assert [each.condition for each in readings] == [Condition.CLEAR]


def test_a_time_that_is_none_is_counted_and_passed_over() -> None:
    """Hostile text for a time does not stop the fold."""
    watching = SETUP.watching()
    bad = [
        msgspec.structs.replace(event(n, Kind.MESSAGE), time=text)
        for n, text in enumerate(("", "never", "2026-11-16T09:00:xxZ", "9" * 40))
    ]
    watching.see(bad, instant(START))
    assert (watching.taken.unreadable, watching.taken.facts) == (4, 0)


def test_hostile_names_are_cut() -> None:
    """A tool or project with a name of a megabyte makes no reading of a megabyte."""
    watching = SETUP.watching()
    long = "x" * 1_000_000
    hostile = [
        event(1, Kind.TOOL_DENIED, project=long, tool=long, attributes={"by": "pawl"}),
        event(2, Kind.RUN_ENDED, project=long, run_id=long, outcome="stopped"),
        event(3, Kind.REQUEST, project=long, model=long, session_id=long, input=9, output=1),
    ]
    watching.see(hostile, instant(START + 10))
    readings = watching.look(instant(START + 10))
    assert len(readings) > 5
    assert max(len(each.summary) + len(str(each.scope)) for each in readings) < 2_000


def test_the_clock_never_goes_back() -> None:
    """A look before the latest instant reads as of the latest."""
    watching = SETUP.watching()
    watching.look(instant(START + 100))
    watching.look(instant(START))
    assert watching.now == instant(START + 100)


def _size(thing: object, seen: set[int]) -> int:
    """Return how many containers and values hang on an object."""
    if id(thing) in seen or isinstance(thing, str | int | float | type | None | Rule):
        return 0
    seen.add(id(thing))
    parts: list[object] = []
    if isinstance(thing, dict):
        parts = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set) or type(thing).__name__ == "deque":
        parts = list(thing)  # type: ignore[call-overload]
    for name in (*getattr(type(thing), "__slots__", ()), *getattr(thing, "__dict__", {})):
        parts.append(getattr(thing, name, None))
    return 1 + len(parts) + sum(_size(part, seen) for part in parts)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_memory_is_bounded_by_scopes(rule: str) -> None:
    """Twice as many scopes as a rule remembers leave it no larger, and it counts the forgotten."""
    watching = Watching({rule: RULES[rule]}, SETUP.thresholds, remembered=500)
    watch = watching._watches[rule]

    def feed(first: int, last: int) -> None:
        for begin in range(first, last, 500):
            made = []
            for n in range(begin, begin + 500):
                names: dict[str, Any] = {
                    "project": f"p{n}", "session_id": f"s{n}", "run_id": f"run_{n}",
                    "agent": f"a{n}", "model": f"m{n}", "workflow": f"w{n}", "commit": "c",
                    "tool": f"t{n}", "tool_call_id": f"c{n}", "input": 1, "output": 1,
                    "reported_micros": 1, "duration_ms": 5,
                    "attributes": {"arguments_digest": "x", "evaluation_score": "0.5"},
                }  # fmt: skip
                for number, kind in enumerate(
                    (Kind.RUN_STARTED, Kind.REQUEST, Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.ERROR)
                ):
                    outcome = "error" if kind is Kind.TOOL_RESULT else None
                    made.append(event(n * 10 + number, kind, n / 100, outcome=outcome, **names))
                made.append(event(n * 10 + 7, Kind.RUN_ENDED, n / 100, outcome="stopped", **names))
            watching.see(made, instant(START + last))

    feed(0, 2_500)
    before = _size(watch, set())
    feed(2_500, 5_000)
    assert _size(watch, set()) <= before * 1.2 + 100
    assert rule == "slo-burn-rate" or watching.taken.forgotten.get(rule, 0) > 0


def test_memory_of_ids_is_bounded_and_remembers_the_latest() -> None:
    """At least the latest `most` are known, twice as many are kept at most."""
    memory = Memory(100)
    for n in range(1_000):
        assert not memory.knows(n)
    assert all(memory.knows(n) for n in range(900, 1_000))
    assert len(memory._new) + len(memory._old) <= 200


def test_forgotten_hours_are_passed_over_and_not_spent_twice() -> None:
    """A telling of a request from before everything remembered counts nothing."""
    requests = Requests(None, remembered=10)
    for n in range(50):
        requests.tell(event(n, Kind.REQUEST, n * 3600.0, request_id=f"q{n}"), START + n * 3600.0)
    assert requests.tell(event(99, Kind.REQUEST, 0, request_id="q0"), START) is None
    assert requests.passed_over == 1


def test_an_error_of_two_sources_is_one_and_two_of_one_source_are_two() -> None:
    """Only another source within seconds tells of the same error."""
    intake = Intake()
    told = [
        event(0, Kind.ERROR, 0, source=Source.RUN),
        event(1, Kind.ERROR, 1, source=Source.RUN),
        event(2, Kind.ERROR, 2, source=Source.TELEMETRY),
        event(3, Kind.ERROR, 60, source=Source.TELEMETRY),
    ]
    facts = intake.take(told, START + 100)
    assert [fact.again for fact in facts] == [False, False, True, False]
