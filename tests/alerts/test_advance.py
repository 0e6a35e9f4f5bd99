"""Alerts move by looks: pending, firing, resolved, and what is told, held back or repeated."""

from collections.abc import Iterable

import msgspec
import pytest

from pawl.alerts.advance import Step, advance
from pawl.alerts.alert import Alerts, NoticeKind, Silence
from pawl.alerts.by_hand import acknowledge, checked_silence, close
from pawl.alerts.policy import Policy, Route, RulePolicy
from pawl.alerts.reading import Condition, Level, Reading, Row, Scope, scope_of
from pawl.alerts.state import State
from pawl.base.errors import BadValue

SHOP = scope_of(project="shop")


def at(minute: int) -> str:
    """Return a canonical time so many minutes after nine."""
    return f"2026-11-21T{9 + minute // 60:02}:{minute % 60:02}:00.000000Z"


def read(
    minute: int,
    value: float | None,
    *,
    rule: str = "r",
    scope: Scope = SHOP,
    level: Level = Level.WARNING,
    clear: float | None = None,
    signature: str = "sig",
) -> Reading:
    """Return a reading against a threshold of 10; None is no data."""
    if value is None:
        condition = Condition.NO_DATA
    else:
        condition = Condition.HOLDS if value >= 10 else Condition.CLEAR
    return Reading(
        rule=rule,
        level=level,
        scope=scope,
        condition=condition,
        at=at(minute),
        summary=f"value {value}",
        value=value,
        threshold=10.0,
        clear_below=clear,
        rows=(Row("event", f"e{minute}"),),
        signature=signature,
    )


def policy(**values: object) -> Policy:
    """Return a policy for the rule `r` with a period of an hour."""
    rules = {"r": RulePolicy(for_s=0.0, period_s=3600.0)}
    return msgspec.structs.replace(Policy(rules=rules), **values)


def story(
    readings: Iterable[tuple[int, list[Reading]]], rules: Policy, start: Alerts | None = None
) -> list[Step]:
    """Return the steps of looks at minutes."""
    steps: list[Step] = []
    alerts = start or Alerts()
    for minute, found in readings:
        steps.append(advance(alerts, found, at(minute), rules))
        alerts = steps[-1].alerts
    return steps


def values(series: list[float | None], rules: Policy, **names: object) -> list[Step]:
    """Return the steps of one look a minute with these values."""
    return story(
        ((n, [read(n, value, **names)]) for n, value in enumerate(series)),  # type: ignore[arg-type]
        rules,
    )


def states(steps: list[Step]) -> list[str]:
    """Return the only alert's state after each step; a dash is none."""
    return [step.alerts.alerts[0].state.value if step.alerts.alerts else "-" for step in steps]


def told(steps: list[Step]) -> list[list[str]]:
    """Return the kinds of notices of each step."""
    return [[notice.kind.value for notice in step.notices] for step in steps]


def events(step: Step) -> list[str]:
    """Return what the log of a step says happened."""
    return [line.event for line in step.log]


def test_a_condition_that_has_not_held_long_enough_is_pending() -> None:
    """With `for` of two minutes the third look fires; a gap in between starts the clock anew."""
    rules = policy(rules={"r": RulePolicy(for_s=120.0)})
    steps = values([11, 12, 5, 13, 14, 15], rules)
    assert states(steps) == ["pending", "pending", "-", "pending", "pending", "firing"]
    assert told(steps)[-1] == ["firing"]


def test_no_data_in_between_starts_the_clock_anew() -> None:
    """What was not seen to hold cannot count as having held."""
    rules = policy(rules={"r": RulePolicy(for_s=120.0)})
    steps = values([11, None, 13, 14, 15], rules)
    assert states(steps) == ["pending", "pending", "pending", "pending", "firing"]


def test_a_firing_alert_resolves_below_its_clear_threshold_only() -> None:
    """Between the two thresholds an alert that fires goes on, and one that does not stays out."""
    steps = values([8, 11, 8, 7, 9, 6.9], policy(), clear=7.0)
    assert states(steps) == ["-", "firing", "firing", "firing", "firing", "resolved"]


def test_silence_never_resolves_and_says_so() -> None:
    """A firing alert whose rule says no data, or nothing, stays firing; one notice says so."""
    steps = story([(0, [read(0, 11)]), (1, [read(1, None)]), (2, []), (200, [])], policy())
    assert states(steps) == ["firing"] * 4
    assert told(steps)[1] == ["no_data"]
    assert events(steps[1]) == ["blind"]
    assert "stays firing" in steps[1].log[0].reason
    assert steps[3].alerts.alerts[0].blind_since == at(1)
    assert told(steps)[2] == []


def test_what_cannot_be_seen_is_listed() -> None:
    """A rule without data for a scope is visible although nothing fires."""
    (step,) = values([None], policy())
    (alert,) = step.alerts.alerts
    assert (alert.state, alert.blind_since, step.notices) == (State.INACTIVE, at(0), ())


def test_one_message_for_rule_scope_threshold_and_period() -> None:
    """Coming and going within the hour is told once, and so is its end; the next hour again."""
    steps = values([11, 5, 11, 5], policy())
    assert told(steps) == [["firing"], ["resolved"], [], []]
    assert "repeated" in events(steps[2])
    later = advance(steps[-1].alerts, [read(61, 11)], at(61), policy())
    assert [notice.kind for notice in later.notices] == [NoticeKind.FIRING]


def test_a_firing_that_lasts_is_told_of_once_a_period() -> None:
    """Sixty looks within an hour are one message, the sixty-first is of the next hour."""
    steps = values([11.0] * 61, policy())
    assert [n for n, kinds in enumerate(told(steps)) if kinds] == [0, 60]


def test_ids_are_the_same_for_the_same_thing_and_differ_by_scope_level_threshold_and_period() -> (
    None
):
    """Receivers may drop repetitions by id."""
    one = values([11], policy())[0].notices[0]
    assert values([12], policy())[0].notices[0].id == one.id
    others = {
        values([11], policy(), scope=scope_of(project="x"))[0].notices[0].id,
        values([11], policy(), level=Level.CRITICAL)[0].notices[0].id,
        advance(Alerts(), [read(60, 11)], at(60), policy()).notices[0].id,
        advance(Alerts(), [msgspec.structs.replace(read(0, 11), threshold=9.0)], at(0), policy())
        .notices[0]
        .id,
        one.id,
    }
    assert len(others) == 5


def silence(**fields: object) -> Silence:
    """Return a silence of ten minutes."""
    plain = Silence(
        id="s", reason="deploy", by="ann", starts_at=at(0), ends_at=at(10), scope={"project": "sh*"}
    )
    return msgspec.structs.replace(plain, **fields)


def test_a_silence_holds_notices_back_until_it_expires() -> None:
    """The alert fires all along; the log says why nobody was told; the end of the silence tells."""
    rules = policy(silences=(silence(),))
    steps = values([11.0] * 12, rules)
    assert set(states(steps)) == {"firing"}
    assert [n for n, kinds in enumerate(told(steps)) if kinds] == [10]
    assert "deploy" in next(line.reason for line in steps[0].log if line.event == "silenced")
    assert [n for n, step in enumerate(steps) if "silenced" in events(step)] == [0]


@pytest.mark.parametrize(
    "fields", [{"scope": {"project": "x"}}, {"rule": "q*"}, {"level": Level.CRITICAL}]
)
def test_a_silence_of_something_else_silences_nothing(fields: dict[str, object]) -> None:
    """Rule, scope and level must all match."""
    assert values([11], policy(silences=(silence(**fields),)))[0].notices


@pytest.mark.parametrize(
    "fields", [{"reason": " "}, {"by": ""}, {"ends_at": at(0)}, {"ends_at": "2027-11-21T09:00:00Z"}]
)
def test_a_silence_needs_a_reason_a_name_and_an_end(fields: dict[str, object]) -> None:
    """A silence for ever, or for no reason, is refused."""
    with pytest.raises(BadValue, match="silence"):
        checked_silence(silence(**fields))
    assert checked_silence(silence()) == silence()


def test_an_acknowledged_alert_is_not_told_of_again_while_it_fires() -> None:
    """The acknowledgement ends with the firing."""
    first = values([11], policy())[0]
    taken = acknowledge(first.alerts, first.alerts.alerts[0].id, by="ann", note="", now=at(1))
    steps = story(((n, [read(n, 11)]) for n in range(2, 70)), policy(), taken.alerts)
    assert not any(step.notices for step in steps)
    ended = advance(steps[-1].alerts, [read(80, 1)], at(80), policy())
    assert [notice.kind.value for notice in ended.notices] == ["resolved"]
    assert ended.alerts.alerts[0].acknowledged is None


def test_only_a_firing_alert_can_be_acknowledged() -> None:
    """An id nobody has, and one that no longer fires, are refused."""
    steps = values([11, 1], policy())
    alert = steps[-1].alerts.alerts[0]
    for name in (alert.id, "nobody", ""):
        with pytest.raises(BadValue):
            acknowledge(steps[-1].alerts, name, by="ann", note="", now=at(2))


def test_a_person_can_close_what_will_never_be_seen_to_end() -> None:
    """Closing resolves a blind alert, and the log says who did it and why."""
    steps = story([(0, [read(0, 11)]), (1, [])], policy())
    alert = steps[-1].alerts.alerts[0]
    closed = close(steps[-1].alerts, alert.id[:8], by="ann", note="session is gone", now=at(2))
    assert closed.alerts.alerts[0].state is State.RESOLVED
    assert closed.log[0].reason == "ann: session is gone"
    with pytest.raises(BadValue, match="nothing to close"):
        close(closed.alerts, alert.id, by="ann", note="", now=at(3))


def test_a_stopped_run_inhibits_the_loop_of_the_same_run_only() -> None:
    """The notice of the consequence is held back with its reason; another run's is sent."""
    run, other = scope_of(run="run_1"), scope_of(run="run_2")
    found = [
        read(0, 11, rule="run-stopped", scope=run),
        read(0, 11, rule="stuck-loop", scope=run),
        read(0, 11, rule="stuck-loop", scope=other),
    ]
    step = advance(Alerts(), found, at(0), Policy())
    sent = {(each.rule, each.scope) for notice in step.notices for each in notice.alerts}
    assert sent == {("run-stopped", run), ("stuck-loop", other)}
    reasons = [line.reason for line in step.log if line.event == "inhibited"]
    assert len(reasons) == 1
    assert "run-stopped" in reasons[0]


def test_a_critical_alert_inhibits_its_own_warning() -> None:
    """Two thresholds of one rule and scope crossed at once are one message."""
    found = [read(0, 11), read(0, 11, level=Level.CRITICAL)]
    step = advance(Alerts(), found, at(0), policy())
    assert [notice.level for notice in step.notices] == [Level.CRITICAL]


def test_the_noise_filter_passes_a_signature_unseen_for_seven_days() -> None:
    """Last week's signature is held back with the reason logged; a new one and an old one pass."""
    rules = policy(rules={"r": RulePolicy(period_s=3600.0, noise_filter=True)})
    first = values([11, 1], rules)[-1].alerts

    def on(day: int, signature: str) -> Step:
        now = f"2026-11-{21 + day}T12:00:00.000000Z"
        reading = msgspec.structs.replace(read(0, 11, signature=signature), at=now)
        return advance(first, [reading], now, rules)

    held = on(3, "sig")
    assert held.notices == ()
    assert [line.event for line in held.log] == ["firing", "noise"]
    assert "sig" in held.log[1].reason
    assert on(3, "another").notices
    assert on(7, "sig").notices


def test_alerts_of_one_project_are_grouped_into_one_notice() -> None:
    """Three scopes of a project and one of another are two notices, however they come in."""
    scopes = [scope_of(project="shop", tool=tool) for tool in ("a", "b", "c")] + [
        scope_of(project="x", tool="a")
    ]
    found = [read(0, 11, scope=scope) for scope in scopes]
    notices = advance(Alerts(), found, at(0), policy()).notices
    assert [len(notice.alerts) for notice in notices] == [3, 1]
    assert "3 alerts in project shop" in notices[0].title
    again = advance(Alerts(), reversed(found), at(0), policy()).notices
    assert again == notices


def test_routes_decide_who_is_told() -> None:
    """The first route that matches takes it, later ones if it says so; each channel once."""
    routes = (
        Route(to=("pager",), levels=(Level.CRITICAL,), go_on=True, resolved=False),
        Route(to=("shop-team",), scope={"project": "shop"}),
        Route(to=("rest", "pager")),
    )
    rules = policy(routes=routes)

    def channels(reading: Reading) -> list[str]:
        return [notice.route for notice in advance(Alerts(), [reading], at(0), rules).notices]

    assert channels(read(0, 11, level=Level.CRITICAL)) == ["pager", "shop-team"]
    assert channels(read(0, 11)) == ["shop-team"]
    assert channels(read(0, 11, scope=scope_of(project="x"))) == ["pager", "rest"]
    critical = values([11, 1], rules, level=Level.CRITICAL)
    assert [notice.route for notice in critical[1].notices] == ["shop-team"]


def test_an_end_is_told_only_to_those_who_heard_of_the_beginning() -> None:
    """What fired and ended under a silence is not told of at all."""
    steps = values([11, 11, 1], policy(silences=(silence(ends_at=at(2)),)))
    assert told(steps) == [[], [], []]


def test_alerts_kept_are_bounded_and_an_unfinished_one_is_not_dropped_in_silence() -> None:
    """Ended ones go first; a firing one that must go is logged as never seen to end."""
    rules = policy(alerts_max=3)
    found = [read(0, 11, scope=scope_of(project=f"p{n}")) for n in range(5)]
    step = advance(Alerts(), found, at(0), rules)
    assert len(step.alerts.alerts) == 3
    assert [line.event for line in step.log].count("dropped") == 2


def test_time_does_not_go_back() -> None:
    """A look with an earlier clock counts as of the latest instant known."""
    steps = values([11], policy())
    earlier = advance(steps[0].alerts, [read(0, 11)], "2026-11-20T00:00:00.000000Z", policy())
    assert earlier.alerts.looked_at == at(0)


def test_everything_kept_survives_being_written_down() -> None:
    """Alerts are plain values: JSON and back changes nothing."""
    kept = values([11, None, 11], policy())[-1].alerts
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Alerts) == kept
