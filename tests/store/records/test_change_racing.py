"""Many at once: quorum is right, one rolls at a time, an exception is used once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.changes.made_changes import ROSTER, with_gates
from tests.services.made_desk import ANN, DEPLOYER, PIA, Clock, Made, change, other_text
from tests.store.records.change_child import QUORUM
from tests.store.records.test_change_exceptions import asked_for, costly

from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal, State
from pawl.governance.roster import Grant, Person, Roster, check_roster
from pawl.services.change_terms import By
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading

CHILD = Path(__file__).with_name("change_child.py")
ROOT = Path(__file__).resolve().parents[3]
ROUNDS = 8


def all_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Return what many calls in as many threads come to."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


def test_two_approvers_and_an_editor_in_three_processes(
    opened: Callable[[], Engine], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whoever comes late loses cleanly; nothing is ever approved but by both, on one content."""
    engine = opened()
    url = request.getfixturevalue("postgres_url") if "postgresql" in request.node.name else ""
    made = Made(engine, policy=with_gates(approvals={"given": QUORUM}))
    names = [made.submitted().id for _ in range(ROUNDS)]
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    children = [
        subprocess.Popen(
            [sys.executable, str(CHILD), role, str(tmp_path / "data"), url],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for role in ("leo", "lia", "editor")
    ]
    said: Counter[str] = Counter()
    try:
        for name in names:
            for _ in range(2):  # What it is about, and then: go.
                for child in children:
                    assert child.stdin is not None
                    child.stdin.write(f"{name}\n")
                    child.stdin.flush()
                for child in children:
                    assert child.stdout is not None
                    said[child.stdout.readline().strip()] += 1
    finally:
        for child in children:
            child.communicate()
    assert said["ready"] == 3 * ROUNDS
    assert said.total() == 6 * ROUNDS
    assert said.keys() <= {"ready", "stale", "not-now", *State}, said
    for name in names:
        _look_at(made, engine, name)
    assert check(engine, replay=True).difference is None


def _look_at(made: Made, engine: Engine, name: str) -> None:
    """From the plain entries: approved at most once, by two people, on the content of then."""
    known = made.desk.get(name)
    assert known.state is State.DRAFT, "the edit came last or made it a draft"
    approvals = [each for each in made.desk.timeline(name) if each.type == "change.approved"]
    assert len(approvals) <= 1
    if approvals:
        assert len({each.identity for each in known.answers}) == 2
        assert len({each.digest for each in known.answers}) == 1
        assert known.answers[0].digest != known.digest
    with reading(engine) as connection:
        rows = connection.execute(
            "SELECT COUNT(*) AS entries FROM ledger WHERE subject = :name AND type LIKE 'change.%'",
            {"name": name},
        )
    assert rows[0]["entries"] == known.version


def many(count: int) -> Roster:
    """Return the firm with so many product leads more."""
    people = tuple(
        Person(id=f"lead{number}", identities=(f"github:{1000 + number}",))
        for number in range(count)
    )
    grants = tuple(Grant(person=each.id, role="product-lead") for each in people)
    return check_roster(
        Roster(people=(*ROSTER.people, *people), grants=(*ROSTER.grants, *grants)), place="r"
    )


def test_fifty_approve_at_once(engine: Engine) -> None:
    """I6: each is one, told twice or not; with the last of the quorum it is approved, once."""
    made = Made(engine, roster=many(50), policy=with_gates(approvals={"given": {"quorum": 50}}))
    known = made.submitted()
    asked = made.desk.asked(known.id)

    def answering(number: int) -> Callable[[], Change | Refusal]:
        by = By(
            identity=f"github:{1000 + number}", source="provider-review", assurance="authenticated"
        )

        def answer() -> Change | Refusal:
            for _ in range(2):
                told = made.desk.answer(
                    known.id, Said.APPROVE, asked.bound, by, Source.PROVIDER_REVIEW, "one"
                )
            return told

        return answer

    told = all_at_once([answering(number) for number in range(50)])
    assert all(isinstance(each, Change) for each in told)
    done = made.desk.get(known.id)
    assert done.state is State.APPROVED
    assert len(done.answers) == len({each.identity for each in done.answers}) == 50
    assert len({each.seq for each in done.answers}) == 50
    types = Counter(each.type for each in made.desk.timeline(known.id))
    assert (types["change.answered"], types["change.approved"]) == (50, 1)
    assert len(done.approved_by) == 50
    assert check(engine, replay=True).difference is None


def test_of_many_starts_one_goes_out(engine: Engine) -> None:
    """I19: eight approved changes of one component are started at once."""
    made = Made(engine)
    names = [made.approved(other_text(f"Text {number}")).id for number in range(8)]
    told = all_at_once([partial(made.desk.start, name, DEPLOYER) for name in names])
    assert sum(isinstance(each, Change) for each in told) == 1
    assert {each.code for each in told if isinstance(each, Refusal)} == {"blocked"}
    assert made.desk.counts() == {State.ROLLING_OUT: 1, State.APPROVED: 7}
    assert check(engine, replay=True).difference is None


def test_an_exception_is_used_once(engine: Engine) -> None:
    """I9: started by eight at once, and given by eight, it is one start and one use."""
    made = Made(engine)
    known = costly(made)
    wanted = asked_for(made, known)
    all_at_once([lambda: made.desk.approve_exception(wanted.id, PIA)] * 8)
    told = all_at_once([lambda: made.desk.start(known.id, DEPLOYER)] * 8)
    assert sum(isinstance(each, Change) for each in told) == 1
    (shown,) = made.desk.exceptions(known.id)
    assert len(shown.exception.uses) == 1
    assert check(engine, replay=True).difference is None


def test_one_key_in_many_hands_opens_one_change(engine: Engine) -> None:
    """I34: the same command from eight sides at once, with the same key, is one change."""
    made = Made(engine)
    plan = other_text("Be brief.")
    told = all_at_once([lambda: made.desk.open(plan, (), ANN, key="k")] * 8)
    assert len({change(each).id for each in told}) == 1
    assert len(made.desk.list()) == 1


def test_a_clock_that_goes_back_makes_no_history_go_back(engine: Engine) -> None:
    """What is recorded of a change is never older than what was before."""
    made = Made(engine)
    known = made.submitted()
    late = Made(engine, Clock("2020-01-01T00:00:00.000000Z"))
    done = change(late.answered(known))
    assert done.changed_at >= known.changed_at
    times = [each.at for each in made.desk.timeline(known.id) if each.type.startswith("change.")]
    assert times == sorted(times)
