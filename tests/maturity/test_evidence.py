"""A record is named by its content."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.judged import record

from pawl.base.canonical import digest
from pawl.base.finding import Outcome, Place
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Share, is_whole, sealed

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
shares = st.builds(Share, st.integers(), st.integers(), st.booleans())
values = st.dictionaries(st.text(), st.booleans() | numbers | st.text() | shares, max_size=5)
records = st.builds(
    Record,
    probe=st.text(),
    probe_version=st.integers(),
    subject=st.text(),
    outcome=st.sampled_from(Outcome),
    depth=st.sampled_from(Depth),
    kinds=st.lists(st.sampled_from(Kind)).map(tuple),
    assurance=st.sampled_from(Assurance),
    values=values,
    places=st.lists(st.builds(Place, st.text(), st.none() | st.integers()), max_size=3).map(tuple),
    reason=st.text(),
    claimed_at=st.none() | st.text(),
    observed_at=st.text(),
)


def by_the_book(each: Record) -> str | type[Exception]:
    """Return the id by the general encoder, or the error it raises."""
    content: dict[str, Any] = msgspec.to_builtins(each)
    del content["id"]
    try:
        return digest(content)
    except Exception as error:
        return type(error)


@given(records)
def test_the_fast_encoder_writes_what_the_standard_asks(each: Record) -> None:
    """Whatever a record holds, its id is the digest of its RFC 8785 text, or the same error."""
    expected = by_the_book(each)
    if isinstance(expected, str):
        assert sealed(each).id == expected
    else:
        with pytest.raises(expected):
            sealed(each)


@pytest.mark.parametrize(
    "odd",
    [
        {"\ue000": 1, "\U0001f600": 2},
        {"x": 1e21, "y": 1e-7, "z": -0.0, "w": 5e-324},
        {"a": '\x00\x1f\x7f\u2028\U0001f600"\\/'},
        {"n": 2**53 - 1, "m": -(2**53) + 1},
    ],
)
def test_odd_content_is_written_as_the_standard_asks(odd: dict[str, Any]) -> None:
    """Keys beyond the basic plane, floats at the ends, control characters, big integers."""
    each = record(values=odd)
    assert each.id == by_the_book(each)


@pytest.mark.parametrize("senseless", [2**53, math.nan, math.inf])
def test_numbers_that_json_cannot_carry_are_refused(senseless: float) -> None:
    """They raise in the fast encoder as in the general one."""
    with pytest.raises(Exception, match=r"\w"):
        record(values={"x": senseless})


def test_any_change_is_seen() -> None:
    """A record whose content was edited is no longer what its id names."""
    whole = record(values={"share": Share(3, 4)}, places=(Place("a.py", 3),))
    assert is_whole(whole)
    edits: dict[str, Any] = {
        "probe": "other",
        "outcome": Outcome.FAIL,
        "depth": Depth.EXISTS,
        "values": {"share": Share(4, 4)},
        "places": (Place("a.py", 4),),
        "observed_at": "2026-01-01T00:00:00.000000Z",
        "collector": "somebody",
    }
    for name, value in edits.items():
        assert not is_whole(msgspec.structs.replace(whole, **{name: value})), name


def test_a_record_survives_storage() -> None:
    """Written and read as JSON it is the same record."""
    whole = record(values={"share": Share(3, 4, census=False), "n": 3, "on": True, "r": 0.25})
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Record) == whole
