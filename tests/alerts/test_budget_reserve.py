"""The decision: what is granted never passes a limit, what is declined says why."""

from hypothesis import given
from hypothesis import strategies as st
from tests.alerts.budget_made import USD, account, budget

from pawl.alerts.budget import Reserve, UnpricedSpend
from pawl.alerts.budget_reserve import Declined, Granted, decide

AMOUNTS = st.integers(0, 20 * USD)


@given(
    st.none() | AMOUNTS,
    st.lists(
        st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from(Reserve), st.none() | AMOUNTS),
        min_size=1,
        max_size=4,
    ),
)
def test_a_grant_fits_into_every_budget(
    cap: int | None, held: list[tuple[int, int, int, Reserve, int | None]]
) -> None:
    """Spent, reserved and the grant together pass no limit; a cap is never made higher."""
    pairs = [
        (
            budget(reserve=reserve, run_micros=run),
            account(limit_micros=limit, settled_micros=spent, reserved_micros=reserved),
        )
        for limit, spent, reserved, reserve, run in held
    ]
    decision = decide(cap, pairs)
    if isinstance(decision, Declined):
        assert decision.message
        assert decision.hint
        return
    assert cap is None or decision.micros <= cap
    for _, each in pairs:
        assert each.limit_micros is not None
        total = each.spent_micros + each.reserved_micros + decision.micros
        assert total <= each.limit_micros


def test_to_the_last_micro_dollar() -> None:
    """A run that fits exactly starts; one that asks for a millionth more does not."""
    held = [(budget(), account(settled_micros=9 * USD))]
    assert isinstance(decide(USD, held), Granted)
    declined = decide(USD + 1, held)
    assert isinstance(declined, Declined)
    assert declined.code == "too-much"


def test_the_message_names_which_whose_how_much_and_when() -> None:
    """Everything a person needs to act."""
    held = [(budget(), account(settled_micros=6 * USD, reserved_micros=3 * USD))]
    declined = decide(2 * USD, held)
    assert isinstance(declined, Declined)
    assert declined.message == (
        "This run would reserve $2.00. The budget all (organisation, 2026-11) has $1.00 left of"
        " $10.00: $6.00 spent, $3.00 reserved by running runs. It renews at 2026-12-01 00:00 UTC."
    )
    assert "--max-usd" in declined.hint


def test_a_spent_budget_lets_nobody_in() -> None:
    """Not even a run that would take what is left."""
    held = [(budget(reserve=Reserve.LEFT), account(settled_micros=11 * USD))]
    declined = decide(None, held)
    assert isinstance(declined, Declined)
    assert declined.code == "spent"


def test_a_run_takes_what_is_left_where_that_is_declared() -> None:
    """Its cap is lowered, and by which budget is told."""
    held = [(budget(reserve=Reserve.LEFT), account(settled_micros=9 * USD))]
    granted = decide(5 * USD, held)
    assert isinstance(granted, Granted)
    assert (granted.micros, granted.lowered) == (USD, "team/all")
    assert decide(None, held) == granted.__class__(
        micros=USD, lowered=None, accounts=granted.accounts
    )


def test_a_run_without_a_cap_needs_a_declared_one() -> None:
    """The least that any budget declares for such runs; without one it cannot start."""
    some = [
        (budget(run_micros=3 * USD), account()),
        (budget(run_micros=2 * USD), account()),
    ]
    granted = decide(None, some)
    assert isinstance(granted, Granted)
    assert granted.micros == 2 * USD
    declined = decide(None, [(budget(), account())])
    assert isinstance(declined, Declined)
    assert declined.code == "no-cap"


def test_an_unpriced_model_is_refused_or_allowed_by_policy() -> None:
    """One budget that refuses is enough."""
    allows = (budget(unpriced=UnpricedSpend.ALLOW), account())
    assert isinstance(decide(USD, [allows], unpriced_model="new"), Granted)
    declined = decide(USD, [allows, (budget(), account())], unpriced_model="new")
    assert isinstance(declined, Declined)
    assert declined.code == "unpriced"
    assert "new" in declined.message
