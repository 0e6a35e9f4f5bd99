"""Security before safety before quality before cost, with the reason kept."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.governance.priority import (
    Domain,
    Stance,
    highest,
    may_except,
    outranks,
    rank,
    settle,
)

STANCES = st.builds(
    Stance,
    domain=st.sampled_from(Domain),
    asks=st.sampled_from(["ship", "hold"]),
    by=st.sampled_from(["a", "b", "c"]),
    reason=st.just("because."),
)


def test_the_order_is_the_agreed_one() -> None:
    """Security comes first and cost last."""
    assert [*Domain] == [Domain.SECURITY, Domain.SAFETY, Domain.QUALITY, Domain.COST]
    assert sorted({*Domain}, key=rank) == [*Domain]


def test_the_order_is_total() -> None:
    """Of two different domains exactly one outranks the other, none itself, and it carries over."""
    for one, other in product(Domain, Domain):
        assert outranks(one, other) + outranks(other, one) == (one is not other)
    for one, two, three in permutations(Domain, 3):
        if outranks(one, two) and outranks(two, three):
            assert outranks(one, three)


def test_only_an_owner_or_one_above_may_except() -> None:
    """Nobody below a domain may set its rules aside; the owner of security may all of them."""
    assert may_except(Domain.SECURITY) == (Domain.SECURITY,)
    assert may_except(Domain.COST) == tuple(Domain)
    for domain, other in product(Domain, Domain):
        assert (other in may_except(domain)) == (not outranks(domain, other))


@given(st.lists(STANCES, min_size=1, max_size=6), st.randoms())
def test_the_weightiest_domain_is_heard_in_any_order(stances: list[Stance], chance: object) -> None:
    """What is asked for is what the weightiest domain asks, however the stances come."""
    found = settle(stances)
    assert settle(reversed(stances)) == found
    top = highest(each.domain for each in stances)
    wishes = {each.asks for each in stances if each.domain is top}
    assert found.domain is top
    assert found.asks == (wishes.pop() if len(wishes) == 1 else None)
    assert {*found.upheld, *found.overruled} == {*stances}
    assert not {*found.upheld} & {*found.overruled}


def test_why_is_kept() -> None:
    """A settlement says whose reason won and who came behind."""
    safe = Stance(domain=Domain.SAFETY, asks="holds it back", by="ops", reason="A drill failed.")
    dear = Stance(domain=Domain.COST, asks="ships it", by="finance", reason="It saves money.")
    found = settle([dear, safe])
    assert found.asks == "holds it back"
    assert found.why == "safety holds it back: A drill failed. safety comes before cost."
    assert found.overruled == (dear,)


def test_a_domain_that_disagrees_with_itself_decides_nothing() -> None:
    """Two wishes of one domain go to its owner, and not to the domain below."""
    ship = Stance(domain=Domain.QUALITY, asks="ship", by="a", reason="x")
    hold = Stance(domain=Domain.QUALITY, asks="hold", by="b", reason="y")
    below = Stance(domain=Domain.COST, asks="ship", by="c", reason="z")
    found = settle([ship, hold, below])
    assert found.asks is None
    assert found.why == "quality hold, and quality ship: its owner must decide."


def test_nothing_cannot_be_settled() -> None:
    """Without a stance there is nothing to settle."""
    with pytest.raises(ValueError):
        settle([])
