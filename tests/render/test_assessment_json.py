"""The JSON contract: one line, one version, and everything comes back from it."""

import json

import msgspec
from hypothesis import given
from tests.render.hostile import hostile, made_of, plain_assessment

from pawl.maturity.verdict import Assessment
from pawl.render.assessment_json import assessment_json


def test_it_is_one_versioned_line() -> None:
    """The schema stands first and nothing but the object is written."""
    found, _ = plain_assessment()
    content = assessment_json(found)
    assert content.startswith(b'{"schema":"pawl.assess/1","subject":"repo:example"')
    assert content.count(b"\n") == 1


def test_what_is_not_known_is_null() -> None:
    """A level that was never confirmed is null, not zero."""
    found, _ = plain_assessment()
    value = json.loads(assessment_json(found))
    assert value["models"][0]["dimensions"][0]["confirmed"] is None
    assert value["commit"] is None


@given(hostile)
def test_everything_comes_back(text: str) -> None:
    """Read again it is the same assessment, whatever its texts hold."""
    found, _, _ = made_of(text)
    assert msgspec.json.decode(assessment_json(found), type=Assessment) == found
