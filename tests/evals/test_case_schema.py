"""The published schema of case files allows what is read, and little else."""

from typing import Any

import jsonschema_rs
import pytest
from tests.evals.cases import RELEASE

from pawl.base.yaml_text import parse_yaml
from pawl.evals.assertion import graders
from pawl.evals.case_schema import case_schema


def _allowed(text: str) -> bool:
    validator: Any = jsonschema_rs.Draft202012Validator(case_schema(), offline=True)
    return bool(validator.is_valid(parse_yaml(text, place="a.yaml")))


def test_a_good_file_is_allowed() -> None:
    """What the reader takes, the schema takes, alone and in a suite."""
    assert _allowed(RELEASE)
    body = "".join(f"    {line}\n" for line in RELEASE.splitlines()[1:])
    assert _allowed(f"schema: 1\ncases:\n  -\n{body}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("covers:", "cover:"),
        ("class: guard", "class: other"),
        (", owner: platform", ""),
        ("args_match", "arg_match"),
        ("max: 1", "max: many"),
        (", optional: true", ""),
        ("schema: 1\n", ""),
    ],
)
def test_a_bad_file_is_not(old: str, new: str) -> None:
    """Unknown keys, wrong types and judges that would gate are not allowed by the schema either."""
    assert not _allowed(RELEASE.replace(old, new, 1))


def test_every_grader_is_in_the_schema() -> None:
    """Each grader's arguments are part of the schema, under its key."""
    parts = case_schema()["$defs"]
    for key in graders():
        assert key in parts[f"assert-{key}"]["required"]
