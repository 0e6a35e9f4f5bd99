"""Ids sort by time and never collide by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.ids import run_id, ulid

times = st.integers(min_value=0, max_value=(1 << 48) - 1)
chances = st.binary(min_size=10, max_size=10)


@given(times, chances, times, chances)
def test_ids_sort_as_their_numbers(one: int, a: bytes, other: int, b: bytes) -> None:
    """Text order is order by time, then by chance, and different input is a different id."""
    assert (ulid(one, a) < ulid(other, b)) == ((one, a) < (other, b))


def test_the_form_is_fixed() -> None:
    """An id is 26 characters of Crockford's base 32, with its kind in front."""
    assert ulid(0, bytes(10)) == "0" * 26
    # The instant of the example in the ULID specification.
    assert run_id(1_469_918_176_385, bytes(10)) == "run_01aryz6s41" + "0" * 16


@pytest.mark.parametrize(("time", "chance"), [(-1, bytes(10)), (1 << 48, bytes(10)), (0, b"")])
def test_wrong_sizes_are_a_defect(time: int, chance: bytes) -> None:
    """A time out of range or too little chance is refused."""
    with pytest.raises(ValueError):
        ulid(time, chance)
