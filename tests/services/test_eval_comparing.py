"""Sets of trials against one another: what differs surely, and what it cost."""

import pytest
from scipy.stats import fisher_exact
from tests.services.eval_repository import SKILL, Repository, bless_all

from pawl.base.errors import BadValue
from pawl.evals.comparison import Comparison
from pawl.evals.shelf import Shelf
from pawl.services.eval_comparing import compare_sets


def _compared(repository: Repository, *sets: str, at: Repository | None = None) -> Comparison:
    other = repository if at is None else at
    return compare_sets(repository.evals(), sets, (), lambda _: Shelf(other.tree))


def _two_models() -> Repository:
    repository = Repository()
    for name in ("one", "two", "three"):
        case = repository.case(name)
        repository.add(case, ["done"] * 8)
        repository.add(case, ["done"] * (1 if name == "one" else 8), model="haiku")
        if name == "one":
            repository.add(case, ["no"] * 7, model="haiku")
    return repository


def test_two_models_are_compared_case_by_case() -> None:
    """The case that differs is found, with Fisher's two-sided p after Holm; the others are not."""
    found = _compared(_two_models(), "sonnet", "haiku")
    (pair,) = found.pairs
    cases = {case.case: case for case in pair.cases}
    assert (cases["one"].first.passes, cases["one"].second.passes) == (8, 1)
    expected = fisher_exact([[8, 0], [1, 7]]).pvalue
    assert cases["one"].p == pytest.approx(expected, rel=1e-5)
    assert cases["one"].p_adjusted == pytest.approx(3 * expected, rel=1e-5)
    assert cases["two"].p == 1
    assert cases["one"].low <= cases["one"].difference <= cases["one"].high < 0
    assert pair.difference == pytest.approx(-7 / 24, rel=1e-5)
    assert found.exit_code == 1


def test_turning_the_sides_turns_the_signs() -> None:
    """Neither side is the one before: p stays, differences change their sign."""
    (one,) = _compared(_two_models(), "sonnet", "haiku").pairs
    (two,) = _compared(_two_models(), "haiku", "sonnet").pairs
    assert one.p == two.p
    assert one.difference is not None
    assert two.difference == -one.difference
    assert [case.p for case in one.cases] == [case.p for case in two.cases]


def test_cost_is_by_passed_trial_and_unknown_where_any_is() -> None:
    """What failed was paid for, too; walls are by nearest rank."""
    repository = _two_models()
    (pair,) = _compared(repository, "sonnet", "haiku").pairs
    assert pair.first.per_pass_micros == 20_000
    assert pair.second.per_pass_micros == round(20_000 * 24 / 17)
    assert pair.first.wall_p50_ms is not None
    assert pair.first.wall_p95_ms is not None
    assert pair.first.wall_p50_ms <= pair.first.wall_p95_ms
    from pawl.evals.record import Spent

    repository.add(repository.cases["one"], ["done"], spent=Spent())
    (pair,) = _compared(repository, "sonnet", "haiku").pairs
    assert pair.first.per_pass_micros is None
    assert pair.first.unpriced == 1


def test_words_are_joined_and_pairs_corrected() -> None:
    """Three sets are three pairs, adjusted together; a set may be named by several words."""
    repository = _two_models()
    for name in ("one", "two", "three"):
        repository.add(repository.cases[name], ["done"] * 3, agent_version="2.2.0")
    found = _compared(repository, "2.1.0+sonnet", "haiku", "2.2.0")
    assert len(found.pairs) == 3
    assert all(
        pair.p is not None and pair.p_adjusted is not None and pair.p_adjusted >= pair.p
        for pair in found.pairs
    )


def test_now_is_set_against_the_baseline_and_a_revision() -> None:
    """What is new of an edited asset stands against the pool, and against what was fresh before."""
    repository = Repository()
    repository.add(repository.case(), ["done"] * 20)
    bless_all(repository)
    before = repository.copy()
    repository.tree.held[SKILL] = b"tag as you like"
    repository.add(repository.cases["release"], ["no"] * 8)
    for name in ("baseline", "@main", "@main:sonnet"):
        (pair,) = _compared(repository, name, "now", at=before).pairs
        assert (pair.first.passes, pair.first.n) == (20, 20)
        assert (pair.second.passes, pair.second.n) == (0, 8)


def test_sets_without_a_trial_are_refused_and_without_a_common_case_undecided() -> None:
    """A name that nothing has is asked wrongly, with the names there are."""
    repository = Repository()
    repository.add(repository.case("one"), ["done"] * 3)
    repository.add(repository.case("two"), ["done"] * 3, model="haiku")
    with pytest.raises(BadValue) as caught:
        _compared(repository, "sonnet", "opus")
    assert "haiku" in caught.value.hint
    with pytest.raises(BadValue):
        _compared(repository, "sonnet")
    found = _compared(repository, "sonnet", "haiku")
    assert found.exit_code == 3
    assert (found.pairs[0].only_first, found.pairs[0].only_second) == (("one",), ("two",))
