"""A review through an agent that answers, fails, lies or stops: told as what it is, and bounded."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.review.making import change, changed, hunk

from pawl.base.errors import BadFile, Unavailable
from pawl.base.finding import Severity
from pawl.review.budget import Allowance, Budget
from pawl.review.diff import Change
from pawl.review.feedback import thresholds_after
from pawl.review.policy import shipped_policy
from pawl.review.review import Review, read_review
from pawl.runs.agent import AgentError
from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.services.reviewing import Outside, Wanted, review

POLICY = shipped_policy()
CHANGE = change(changed("app.py", hunk("-old\n+    return a - b")))
FOUND: dict[str, Any] = {
    "category": "correctness",
    "severity": "high",
    "confidence": 0.9,
    "title": "It subtracts",
    "file": "app.py",
    "line": 1,
    "evidence": "return a - b",
    "suggestion": "Write `return a + b`.",
}


def large(parts: int) -> Change:
    """Return a change that takes so many parts, one file each."""
    size = POLICY.size.part_characters * 2 // 3
    line = "+" + "x" * 99
    rows = "\n".join([line] * (size // 100))
    return change(*(changed(f"f{number}.py", hunk(rows)) for number in range(parts)))


def record(outcome: Outcome = Outcome.SUCCEEDED, **fields: Any) -> RunRecord:
    """Return what a run came to; it costs a cent unless said otherwise."""
    told: dict[str, Any] = {
        "run_id": "run_1",
        "agent": "claude-code",
        "cost": RunCost(usd=0.01, basis="priced"),
    }
    return RunRecord(outcome=outcome, **(told | fields))


def answered(*findings: Any, **fields: Any) -> RunRecord:
    return record(result=f"```json\n{json.dumps({'findings': findings})}\n```", **fields)


class Agent:
    """Answers part after part, the last answer again and again; takes a second for each."""

    def __init__(self, *records: RunRecord) -> None:
        self.records = list(records)
        self.asked: list[tuple[str, Allowance]] = []

    def ask(self, question: str, allowed: Allowance) -> RunRecord:
        self.asked.append((question, allowed))
        return self.records.pop(0) if len(self.records) > 1 else self.records[0]


def reviewed(agent: Agent, of: Change = CHANGE, **fields: Any) -> Review:
    budget = fields.pop("budget", Budget(
        usd_micros=2_000_000, seconds=600.0, least_micros=20_000, least_seconds=20.0
    ))  # fmt: skip
    wanted = Wanted(
        at="2026-11-21T10:00:00.000000Z",
        budget=budget,
        fail_on=fields.pop("fail_on", Severity.HIGH),
    )
    monotonic: Callable[[], float] = lambda: float(len(agent.asked))  # noqa: E731
    outside = Outside(agent=agent.ask, nonce=lambda: "n0nce", monotonic=monotonic)
    return review(wanted, of, POLICY, thresholds_after(POLICY, ()), outside)


def test_a_finding_at_the_level_exits_one() -> None:
    """The finding, its run and its cost are in the result."""
    agent = Agent(answered(FOUND))
    done = reviewed(agent)
    assert (done.status, done.exit_code, len(done.shown)) == ("reviewed", 1, 1)
    assert [(run.run_id, run.answer, run.cost_micros) for run in done.runs] == [
        ("run_1", "read", 10_000)
    ]
    assert (done.cost.usd, done.cost.basis, done.cost.unknown) == (0.01, "priced", 0)
    assert "n0nce the diff begins" in agent.asked[0][0]
    assert "+    return a - b" in agent.asked[0][0]


def test_a_milder_finding_or_none_exits_zero() -> None:
    """What is found below the level is shown, and fails nothing."""
    assert reviewed(Agent(answered(FOUND)), fail_on=Severity.CRITICAL).exit_code == 0
    assert reviewed(Agent(answered())).exit_code == 0


def test_nothing_to_review_runs_no_agent() -> None:
    """A change of lock files alone costs nothing and says so."""
    agent = Agent(answered())
    done = reviewed(agent, change(changed("package-lock.json", hunk("+1"))))
    assert (done.status, done.exit_code, done.cost.basis) == ("reviewed", 0, "none")
    assert agent.asked == []


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        (answered(5), 3, "no finding in the answer is of the form"),
        (record(result="Looks great!"), 3, "no JSON object"),
        (record(result=None), 3, "answered nothing"),
        (record(Outcome.UNREADABLE), 3, "cannot be read"),
        (
            record(
                Outcome.AGENT_FAILED,
                error=AgentError(class_="permanent", message="API error \x1b[31m500."),
            ),
            3,
            "the agent failed: API error  [31m500",
        ),
        (record(Outcome.REFUSED, error=AgentError(class_="needs-user", message="No.")), 5, "No"),
        (
            record(Outcome.STOPPED, stop=Stop(limit="usd_micros", value=1, threshold=1)),
            6,
            "stopped by a limit (usd_micros)",
        ),
        (record(Outcome.INTERRUPTED, signal=2), 130, "interrupted"),
        (record(Outcome.INTERRUPTED, signal=15), 143, "interrupted"),
    ],
)
def test_what_is_no_answer_is_no_clean_bill(told: RunRecord, code: int, words: str) -> None:
    """Each failure has its status, its words, and its files among those not reviewed."""
    done = reviewed(Agent(told))
    assert (done.status, done.exit_code) == ("failed", code)
    assert words in done.problem
    assert [each.file for each in done.not_reviewed] == ["app.py"]
    assert done.runs[0].answer in ("none", "unreadable")


def test_parts_are_merged() -> None:
    """A finding of each part is there once, and costs add up."""
    agent = Agent(
        *(
            answered(FOUND | {"file": f"f{n}.py", "evidence": "x" * 99})
            for n in (0, 1, 0)
        )
    )  # fmt: skip
    done = reviewed(agent, large(3))
    assert (done.parts, len(done.runs), done.cost.usd) == (3, 3, 0.03)
    assert [each.file for each in done.findings] == ["f0.py", "f1.py"]
    assert [each.reason for each in done.dropped] == [f"the same as {done.findings[0].id}"]


def test_a_budget_that_runs_out_leaves_parts_unread() -> None:
    """What no longer fits is told, exits 6, and is never begun."""
    agent = Agent(answered(cost=RunCost(usd=0.049, basis="priced")))
    budget = Budget(usd_micros=60_000, seconds=None, least_micros=20_000, least_seconds=1.0)
    done = reviewed(agent, large(3), budget=budget)
    assert [allowed.usd_micros for _, allowed in agent.asked] == [20_000]
    assert (done.status, done.exit_code) == ("partial", 6)
    assert [(each.file, each.reason) for each in done.not_reviewed] == [
        ("f1.py", "the budget of the review is used up"),
        ("f2.py", "the budget of the review is used up"),
    ]


def test_an_unknown_cost_counts_as_all_that_was_allowed() -> None:
    """Nobody knows what it cost: the next part does not get it again, and the sum says least."""
    agent = Agent(answered(cost=RunCost(usd=None, basis="unpriced")), answered())
    budget = Budget(usd_micros=100_000, seconds=None, least_micros=20_000, least_seconds=1.0)
    done = reviewed(agent, large(2), budget=budget)
    assert [allowed.usd_micros for _, allowed in agent.asked] == [50_000, 50_000]
    assert (done.cost.usd, done.cost.unknown) == (0.01, 1)


def test_time_runs_out_too() -> None:
    """The clock is shared as the money is."""
    agent = Agent(answered())
    budget = Budget(usd_micros=None, seconds=3.0, least_micros=1, least_seconds=1.5)
    done = reviewed(agent, large(3), budget=budget)
    assert (len(agent.asked), done.exit_code) == (2, 6)


def test_a_passing_failure_does_not_end_the_review() -> None:
    """The next part is tried; what was found stands, and 3 says that a part is missing."""
    busy = AgentError(class_="transient", message="overloaded")
    agent = Agent(record(Outcome.AGENT_FAILED, error=busy), answered())
    done = reviewed(agent, large(2))
    assert (len(agent.asked), done.status, done.exit_code) == (2, "partial", 3)


def test_a_lasting_failure_ends_it() -> None:
    """A key that is no good is not tried twenty times."""
    bad = AgentError(class_="needs-user", message="invalid key")
    agent = Agent(record(Outcome.AGENT_FAILED, error=bad))
    done = reviewed(agent, large(3))
    assert (len(agent.asked), done.exit_code, len(done.not_reviewed)) == (1, 3, 3)


def test_a_finding_outweighs_a_missing_part() -> None:
    """What is found is found: the change may not go in, whatever else was not read."""
    busy = AgentError(class_="transient", message="overloaded")
    agent = Agent(
        answered(FOUND | {"file": "f0.py", "evidence": "x" * 99}),
        record(Outcome.AGENT_FAILED, error=busy),
    )
    done = reviewed(agent, large(2))
    assert (done.status, done.exit_code) == ("partial", 1)


def test_findings_on_unread_files_are_dropped() -> None:
    """An agent cannot speak of a part that nobody read."""
    busy = AgentError(class_="transient", message="overloaded")
    agent = Agent(
        record(Outcome.AGENT_FAILED, error=busy),
        answered(FOUND | {"file": "f0.py", "evidence": "x" * 99}),
    )
    done = reviewed(agent, large(2))
    assert (done.findings, done.dropped[0].reason) == ((), "its file is not in the diff")


def test_an_unread_diff_is_no_review() -> None:
    """A patch that was cut is a limit; one that could not be read is unknown."""
    unread = changed("x", kind="unread")
    assert reviewed(Agent(answered()), change(unread, cut=True)).exit_code == 6
    odd = reviewed(Agent(answered()), change(unread))
    assert (odd.status, odd.exit_code) == ("failed", 3)
    assert odd.problem


def test_a_change_of_very_many_files_has_a_short_result() -> None:
    """Beyond some hundred files, those not reviewed are counted, and the result still reads."""
    files = [changed(f"{number}/package-lock.json", hunk("+1")) for number in range(3000)]
    long = changed("x" * 20_000, kind="unread")
    done = reviewed(Agent(answered()), change(*files, long))
    assert sum(each.count for each in done.not_reviewed) == 3001
    assert len(done.not_reviewed) < 510
    assert not done.not_reviewed[0].by_choice
    assert read_review(msgspec.json.encode(done), place="x") == done


def test_a_run_that_cannot_be_made_loses_nothing() -> None:
    """A disk that fills up at the second part leaves what the first found."""
    agent = Agent(answered(FOUND | {"file": "f0.py", "evidence": "x" * 99}))
    ask = agent.ask

    def full(question: str, allowed: Allowance) -> RunRecord:
        if agent.asked:
            raise Unavailable("the disk is full.", place="/data")
        return ask(question, allowed)

    agent.ask = full  # type: ignore[method-assign]
    done = reviewed(agent, large(3))
    assert (done.status, done.exit_code, len(done.findings)) == ("partial", 1, 1)
    assert done.problem == "the run could not be made: the disk is full."
    assert [each.file for each in done.not_reviewed] == ["f1.py", "f2.py"]


def test_a_bad_file_is_asked_wrongly() -> None:
    """What a user can mend before anything ran is told as that."""
    agent = Agent(answered())

    def broken(question: str, allowed: Allowance) -> RunRecord:
        raise BadFile("no TOML.", place="pawl.toml")

    agent.ask = broken  # type: ignore[method-assign]
    with pytest.raises(BadFile):
        reviewed(agent)
