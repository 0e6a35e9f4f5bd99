"""Decisions about findings go into the ledger, once each, and what waits is there until then."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.render.test_review_comment import review
from tests.review.making import finding

from pawl.base.errors import BadValue
from pawl.governance.ledger import Actor
from pawl.review.finding import Category
from pawl.review.policy import shipped_policy
from pawl.services.review_feedback import current_queue, current_thresholds, judge, keep
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records
from pawl.store.records.reviews import ReviewRecords

POLICY = shipped_policy()
ADA = Actor(person="ada", source="login", assurance="observed")
QUEUED = finding(state="queued", confidence=0.6)
SHOWN = finding(evidence="eval(x)", category=Category.SECURITY)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Records of their own."""
    made = open_records(tmp_path)
    yield made
    made.dispose()


def now(number: int) -> str:
    return f"2026-11-21T10:00:{number:02}.000000Z"


def test_what_waits_is_there_until_somebody_decides(engine: Engine) -> None:
    """Of a project's reviews, each finding once; a decision takes it away."""
    records = ReviewRecords(engine)
    one = review(QUEUED, SHOWN, project="shop")
    keep(records, one, ADA, now(0))
    keep(records, one, ADA, now(1))
    assert [each.id for each in current_queue(records, "shop").waiting] == [QUEUED.id]
    assert current_queue(records, "other").waiting == ()
    judge(
        records, POLICY, one, QUEUED.id, "dismiss", "noise", project="shop", actor=ADA, now=now(2)
    )
    assert current_queue(records, "shop").waiting == ()
    assert check(engine, None, replay=True).intact
    assert check(engine, None, replay=True).entries == 2


def test_a_file_of_another_machine_can_be_looked_at() -> None:
    """Without records the queue is what the given reviews hold, and thresholds are as shipped."""
    assert [each.id for each in current_queue(None, "shop", [review(QUEUED)]).waiting] == [
        QUEUED.id
    ]
    shipped = current_thresholds(None, POLICY, "shop")
    assert shipped.by_category[Category.SECURITY] == 0.5


def test_decisions_move_the_projects_own_threshold(engine: Engine) -> None:
    """Recorded with a reason, within bounds, for that project alone; saying it twice is once."""
    records = ReviewRecords(engine)
    for number in range(10):
        one = review(finding(evidence=f"line {number}", category=Category.TESTS))
        for time in (number, number + 20):
            _, before, after = judge(
                records,
                POLICY,
                one,
                one.findings[0].fingerprint,
                "dismiss",
                "noise",
                project="shop",
                actor=ADA,
                now=now(time),
            )
    assert len(records.judged("shop")) == 10
    assert after.threshold > after.shipped
    assert before.threshold <= after.threshold <= after.ceiling
    held = current_thresholds(records, POLICY, "shop").by_category[Category.TESTS]
    assert held == after.threshold
    other = current_thresholds(records, POLICY, "other").by_category[Category.TESTS]
    assert other == after.shipped


def test_a_changed_mind_is_recorded(engine: Engine) -> None:
    """Dismissed, then acted on: both are kept, the last counts."""
    records = ReviewRecords(engine)
    one = review(SHOWN)
    for number, verdict in enumerate(("dismiss", "act", "act")):
        judge(
            records,
            POLICY,
            one,
            SHOWN.id,
            verdict,  # type: ignore[arg-type]
            "because",
            project=None,
            actor=ADA,
            now=now(number),
        )
    assert [each.verdict for each in records.judged(None)] == ["dismiss", "act"]


@pytest.mark.parametrize(
    ("name", "reason"), [("abc", "x"), ("", "x"), ("0" * 12, "x"), (None, " ")]
)
def test_what_names_no_finding_is_asked_wrongly(
    engine: Engine, name: str | None, reason: str
) -> None:
    """Nothing is recorded for a finding that is not there, or without a reason."""
    records = ReviewRecords(engine)
    with pytest.raises(BadValue):
        judge(
            records,
            POLICY,
            review(SHOWN),
            SHOWN.id if name is None else name,
            "act",
            reason,
            project=None,
            actor=ADA,
            now=now(0),
        )
    assert records.judged(None) == ()
