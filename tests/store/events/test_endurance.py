"""The store endures what a server does to it: a small drain every second, for weeks."""

from pathlib import Path

import pytest
from tests.store.events.endurance import endure


@pytest.mark.heavy
def test_a_hundred_small_drains_add_up(tmp_path: Path) -> None:
    """The bill is that of the pure rule at intervals and at the end, and after reopening."""
    assert endure(tmp_path, drains=100, seed=7, readers=1, compared_every=48, most=4) > 150


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [1, 2])
def test_a_thousand_small_drains_add_up(tmp_path: Path, seed: int) -> None:
    """The same for 1,000 drains a seed in one process, with two other threads asking."""
    assert endure(tmp_path, drains=1_000, seed=seed, readers=2, compared_every=250) > 8_000
