"""Five questions, each with a figure that is known or says why it is not."""

from pawl.services.five_questions import Answer, Period, five_answers
from pawl.telemetry.bill import Amount
from pawl.telemetry.conduct import Conduct, Ending, Repeated, Spread
from pawl.telemetry.usage import Usage

SINCE = "2026-11-01"
NOTHING = Period(conduct=Conduct(), spent=Amount())
SPREAD = Spread(runs=6, median=2.0, p90=5.0)


def asked(now: Period, before: Period = NOTHING) -> dict[str, Answer]:
    """Return the five answers by id."""
    return {answer.id: answer for answer in five_answers(now, before, SINCE)}


def ended(outcome: str, runs: int, reason: str | None = None, **more: bool) -> Ending:
    """Return runs that ended alike."""
    return Ending(outcome=outcome, reason=reason, by_limit=False, runs=runs, **more)


def of(*endings: Ending) -> Period:
    """Return a period with some endings."""
    return Period(conduct=Conduct(endings=endings), spent=Amount())


def test_what_is_unknown_has_no_figure() -> None:
    """Of an empty period nothing is known: no value, no trend, a reason, never a zero."""
    answers = asked(NOTHING)
    assert list(answers) == ["fails", "why", "costs", "consistent", "bounds"]
    for answer in answers.values():
        assert (answer.value, answer.before, answer.word, answer.sample) == (None, None, None, 0)
        assert answer.unknown


def test_no_failure_is_a_zero_that_was_counted() -> None:
    """Where every run succeeded the share is zero, and why says that nothing failed."""
    answers = asked(of(ended("succeeded", 4)))
    assert (answers["fails"].value, answers["fails"].sample) == (0.0, 4)
    assert answers["why"].value is None
    assert "Nothing failed" in answers["why"].unknown


def test_a_refused_run_did_not_fail() -> None:
    """A run that Pawl did not start counts under bounds and nowhere else."""
    answers = asked(of(ended("refused", 3), ended("succeeded", 1, limited=True)))
    assert (answers["fails"].value, answers["fails"].sample) == (0.0, 1)
    assert (answers["bounds"].value, answers["bounds"].sample) == (0.25, 4)


def test_why_names_the_commonest_reason_and_its_trend() -> None:
    """The reason is compared with itself in the period before, and links to runs that ended so."""
    now = of(ended("agent_failed", 3, "transient"), ended("stopped", 1, "usd"))
    before = of(ended("agent_failed", 1, "transient"), ended("stopped", 3, "usd"))
    why = asked(now, before)["why"]
    assert (why.word, why.value, why.before, why.sample) == ("transient", 0.75, 0.25, 4)
    assert why.href == "/runs?outcome=agent_failed&since=2026-11-01"
    assert [(part.label, part.value) for part in why.parts] == [("usd", 1)]


def test_a_failure_without_a_reason_says_so() -> None:
    """Nobody told why: that is the answer, not a class that was made up."""
    assert asked(of(ended("unreadable", 2)))["why"].word == "unreadable, no reason told"


def test_unpriced_requests_are_no_money() -> None:
    """Where nothing is priced the cost is unknown; where some is, the rest is counted apart."""
    none = Amount(requests=5, usage=Usage(), cost_micros=0, unpriced_requests=5)
    some = Amount(requests=5, usage=Usage(), cost_micros=70, unpriced_requests=2)
    unknown = asked(Period(conduct=Conduct(), spent=none))["costs"]
    assert unknown.value is None
    assert "price" in unknown.unknown
    known = asked(Period(conduct=Conduct(), spent=some), Period(conduct=Conduct(), spent=none))
    assert (known["costs"].value, known["costs"].before, known["costs"].sample) == (70, None, 3)
    assert known["costs"].parts[0].value == 2


def test_consistency_is_of_repeated_runs() -> None:
    """The spread of cost is the figure; turns, duration and endings stand beside it."""
    repeated = Repeated(
        project="p",
        workflow="review",
        runs=8,
        alike=6,
        cost_micros=SPREAD,
        turns=Spread(runs=6, median=4.0, p90=6.0),
        duration_ms=Spread(runs=2, median=1.0, p90=1.0),
    )
    period = Period(conduct=Conduct(repeated=(repeated,)), spent=Amount())
    answer = asked(period)["consistent"]
    assert (answer.value, answer.sample, answer.href) == (2.5, 6, "#repeated")
    assert [(part.label, part.value) for part in answer.parts] == [
        ("ended as most did", 0.75),
        ("turns", 1.5),
    ]


def test_runs_without_limits_are_told_and_not_judged() -> None:
    """A run without a limit cannot stay in bounds: it is counted beside the figure."""
    answer = asked(of(ended("succeeded", 2, limited=True), ended("succeeded", 5, limited=False)))
    assert (answer["bounds"].value, answer["bounds"].sample) == (1.0, 2)
    assert [(part.label, part.value) for part in answer["bounds"].parts] == [
        ("runs without any limit", 5)
    ]
