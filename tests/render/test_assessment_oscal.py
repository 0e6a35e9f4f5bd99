"""OSCAL: two states, never rounded up, the rest in properties, the same identifiers each time.

The checks are those of the assessment-results model, 1.1.3, that apply to what is written.
"""

import re
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given, settings
from tests.maturity.judged import assessed
from tests.maturity.test_invariants import batches, models
from tests.render.hostile import hostile, made_of, plain_assessment

from pawl.maturity.evidence import Record
from pawl.maturity.model import Model
from pawl.maturity.verdict import Assessment
from pawl.render.assessment_oscal import assessment_oscal

TOKEN = re.compile(r"^(?:\w|_)[\w.\-]*$")


def findings(found: Assessment) -> list[dict[str, Any]]:
    """Return the findings of a document that keeps the model's rules."""
    document = assessment_oscal(found)["assessment-results"]
    assert set(document) == {"uuid", "metadata", "import-ap", "results", "back-matter"}
    plan = document["import-ap"]["href"].removeprefix("#")
    assert plan in {each["uuid"] for each in document["back-matter"]["resources"]}
    (result,) = document["results"]
    observations = {each["uuid"] for each in result.get("observations", ())}
    assert len(observations) == len(result.get("observations", ()))
    (selection,) = result["reviewed-controls"]["control-selections"]
    controls = {each["control-id"] for each in selection.get("include-controls", ())}
    told: list[dict[str, Any]] = result.get("findings", [])
    for each in told:
        UUID(each["uuid"])
        assert each["target"]["target-id"] in controls
        assert TOKEN.match(each["target"]["target-id"])
        assert each["target"]["status"]["state"] in ("satisfied", "not-satisfied")
        for related in each.get("related-observations", ()):
            assert related["observation-uuid"] in observations
    for prop in properties(document):
        assert TOKEN.match(prop["name"])
        assert prop["value"] == prop["value"].strip() != ""
        assert prop["value"].isprintable()
    assert len({each["uuid"] for each in told}) == len(told)
    return told


def properties(value: Any) -> list[dict[str, str]]:
    """Return all properties anywhere in a document."""
    if isinstance(value, dict):
        own = list(value.get("props", ()))
        return own + [prop for key in value if key != "props" for prop in properties(value[key])]
    return [prop for each in value for prop in properties(each)] if isinstance(value, list) else []


@given(models, batches)
@settings(max_examples=60)
def test_only_what_is_met_and_firm_is_satisfied(asked: Model, records: list[Record]) -> None:
    """Unknown, stale, contested, exempt, not applicable and provisional are not satisfied."""
    made = assessed(asked, *records)
    by_id = {each.id: each for one in made.models[0].dimensions for each in one.criteria}
    told = findings(made)
    assert len(told) == len(by_id)
    for each in told:
        result = by_id[each["target"]["target-id"]]
        firm = made.models[0].complete and result.verdict == "met" and not result.provisional
        assert (each["target"]["status"]["state"] == "satisfied") is firm
        values = {prop["name"]: prop["value"] for prop in each["props"]}
        assert values["verdict"] == result.verdict.value


def test_an_incomplete_model_satisfies_nothing() -> None:
    """Where a probe failed nothing is said to be satisfied, though some of it was met."""
    found, _ = plain_assessment()
    assert "satisfied" in {each["target"]["status"]["state"] for each in findings(found)}
    broken = msgspec.structs.replace(found.models[0], complete=False)
    incomplete = msgspec.structs.replace(found, models=(broken,))
    assert {each["target"]["status"]["state"] for each in findings(incomplete)} == {"not-satisfied"}


def test_the_same_assessment_gives_the_same_document() -> None:
    """Identifiers come from the content, so nothing differs the second time."""
    found, _ = plain_assessment()
    assert assessment_oscal(found) == assessment_oscal(found)


def test_without_models_it_is_still_a_document() -> None:
    """An assessment of nothing asks nothing and finds nothing."""
    found, _ = plain_assessment()
    assert findings(msgspec.structs.replace(found, models=())) == []


@given(hostile)
def test_hostile_text_keeps_the_rules(text: str) -> None:
    """Whatever the tree says, tokens stay tokens and values stay one printable line."""
    found, _, _ = made_of(text)
    assert findings(found)
