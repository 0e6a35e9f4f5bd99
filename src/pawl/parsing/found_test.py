"""One test function that a reader found, and what it proves; shared by the readers of tests."""

from typing import Literal

import msgspec

Proof = Literal["asserts", "trusts", "constant", "existence", "skipped", "none"]
"""What a test rests on.

`asserts`: a comparison that could fail, an expected error, a mock's assertion. `trusts`: only a
call of a function from elsewhere whose name says that it asserts. `constant`: only comparisons
that no code decides. `existence`: only that something is there. `skipped`: it never runs, or is
expected to fail. `none`: nothing.
"""

MAX_TESTS = 2000
"""Tests of one file that are looked at."""

ASSERTING_NAME = r"_*(?:assert|check|verify|expect|must|should|require)"
"""How a function's name begins that says it asserts, in any case."""


class FoundTest(msgspec.Struct, frozen=True):
    """One test function, the line it begins on, what it proves and whom it trusts for it."""

    name: str
    line: int
    proof: Proof
    trusts: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """What one file holds: its tests, and its functions that others might trust.

    `helpers` says of each function named like an assertion whether it asserts anything.
    """

    tests: tuple[FoundTest, ...]
    helpers: dict[str, bool]
