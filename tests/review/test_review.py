"""A review's file is read as what it may be: written by somebody else."""

import msgspec
import pytest
from tests.render.test_review_comment import review
from tests.review.making import finding

from pawl.base.errors import CannotTell
from pawl.review.review import MAX_BYTES, read_review


def test_what_is_written_is_read() -> None:
    """A review survives its file."""
    one = review(finding())
    assert read_review(msgspec.json.encode(one), place="x") == one


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"<html>",
        b"\xff",
        b"[" * 100_000,
        b'{"schema": "pawl.review/2"}',
        b" " * (MAX_BYTES + 1),
    ],
)
def test_anything_else_cannot_be_told(content: bytes) -> None:
    """No review, honestly."""
    with pytest.raises(CannotTell):
        read_review(content, place="x")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "tomorrow"),
        ("at", "9999-99-99T00:00:00.000000Z"),
        ("head", "x"),
        ("problem", "x" * 3000),
        ("status", "great"),
        ("findings", [{}]),
        ("number", 0),
    ],
)
def test_a_field_out_of_bounds_spoils_the_file(field: str, value: object) -> None:
    """What could not have been written by us is not half believed."""
    told = msgspec.to_builtins(review(finding())) | {field: value}
    with pytest.raises(CannotTell):
        read_review(msgspec.json.encode(told), place="x")
