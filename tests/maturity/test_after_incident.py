"""The rule after which incidents an assessment is opened."""

from importlib.resources import files

import pytest

from pawl.base.errors import BadFile
from pawl.governance.priority import Domain
from pawl.maturity.after_incident import load_after_incident, shipped_rule
from pawl.maturity.loading import load_model

TEXT = files("pawl.maturity").joinpath("after_incident.yaml").read_text(encoding="utf-8")


def test_the_shipped_rule_names_dimensions_of_its_model() -> None:
    """Every domain has dimensions, and the model has them."""
    rule = shipped_rule()
    text = files("pawl.maturity").joinpath(f"models/{rule.model}.yaml").read_text(encoding="utf-8")
    known = {each.id for each in load_model(text, place="model").dimensions}
    assert {*rule.dimensions} == {*Domain}
    assert {name for names in rule.dimensions.values() for name in names} <= known


@pytest.mark.parametrize(
    "broken",
    [
        TEXT.replace("  cost: [reliability]\n", ""),
        TEXT.replace("  quality: [reliability]", "  quality: []"),
        TEXT.replace("  severity_max: >-", "  severity: >-"),
    ],
)
def test_a_rule_that_leaves_something_out_is_refused(broken: str) -> None:
    """A domain without dimensions, or a number without a source, does not load."""
    assert broken != TEXT
    with pytest.raises(BadFile):
        load_after_incident(broken, place="x.yaml")
