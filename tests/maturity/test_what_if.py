"""What if: labelled hypothetical, judged by the rules as they are, and never mistaken for real."""

import msgspec
import pytest
from tests.maturity.judged import ago, criterion, model, record
from tests.maturity.test_difference import inputs
from tests.maturity.test_exempting import exemption, register

from pawl.base.errors import BadValue
from pawl.base.finding import Outcome
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.inputs import made_again
from pawl.maturity.probe import Probe, Remedy, cannot_tell
from pawl.maturity.what_if import IMAGINED, Suppose, imagined, what_if

PROBE = Probe(
    claim="It is so.",
    area="code",
    version=1,
    kinds=(Kind.CI,),
    depth=Depth.BITES,
    values={"x": "a number"},
    remedy=Remedy("Do it.", 1),
    judge=lambda facts: cannot_tell("Never asked."),
)
ASKED = model(criterion("c"))


def test_a_supposed_answer_moves_the_level_and_is_labelled() -> None:
    """A yes instead of today's no would reach level 2, and the answer says that it is supposed."""
    given = inputs(record(outcome=Outcome.FAIL), asked=ASKED)
    yes = imagined(given, "asked", PROBE, Outcome.PASS, {})
    found = what_if(given, Suppose(records=(yes,)))
    assert found.hypothetical is True
    assert found.schema == "pawl.what-if/1"
    assert found.models[0].dimensions[0].measured == 2
    assert found.supposed == ("asked answers pass",)
    assert {(each.what, each.after) for each in found.changes} >= {
        ("level", "2"),
        ("verdict", "met"),
    }


def test_it_stands_for_the_next_answer_and_does_not_contest_the_last() -> None:
    """Yesterday's no of the same probe is what would be replaced, not another opinion."""
    given = inputs(record(outcome=Outcome.FAIL, days=1), asked=ASKED)
    yes = imagined(given, "asked", PROBE, Outcome.PASS, {})
    found = what_if(given, Suppose(records=(yes,)))
    assert found.models[0].dimensions[0].criteria[0].verdict == "met"


def test_the_inputs_stay_as_they_were() -> None:
    """Supposing changes nothing: the same inputs make the same assessment afterwards."""
    given = inputs(record(outcome=Outcome.FAIL), asked=ASKED)
    before = msgspec.json.encode(made_again(given))
    what_if(given, Suppose(records=(imagined(given, "asked", PROBE, Outcome.PASS, {}),)))
    assert msgspec.json.encode(made_again(given)) == before


def test_a_real_record_cannot_be_supposed() -> None:
    """Evidence comes from probes; what is supposed names the collector that says so."""
    given = inputs(asked=ASKED)
    assert imagined(given, "asked", PROBE, Outcome.PASS, {}).collector == IMAGINED
    with pytest.raises(BadValue, match="collector"):
        what_if(given, Suppose(records=(record(),)))


def test_a_value_that_the_probe_lacks_is_refused() -> None:
    """Only what a probe can answer can be supposed of it."""
    with pytest.raises(BadValue, match="no value 'y'"):
        imagined(inputs(asked=ASKED), "asked", PROBE, Outcome.PASS, {"y": 1})


def test_another_day() -> None:
    """Half a year from now today's evidence would be stale."""
    found = what_if(inputs(record(), asked=ASKED), Suppose(at=ago(-180)))
    assert found.models[0].dimensions[0].criteria[0].verdict == "stale"
    assert {each.cause.value for each in found.changes} == {"clock"}


def test_an_exemption_counts_as_it_would_and_is_refused_as_it_would() -> None:
    """The register's own rules decide: a good entry exempts, an own approval does not."""
    given = inputs(record(outcome=Outcome.FAIL), asked=ASKED, register=register())
    good = what_if(given, Suppose(exemptions=(exemption(),)))
    assert good.models[0].dimensions[0].criteria[0].verdict == "exempt"
    bad = what_if(given, Suppose(exemptions=(exemption(approver="platform"),)))
    assert bad.changes == ()
    assert len(bad.exemptions_refused) == 1


@pytest.mark.parametrize("supposed", [Suppose(), Suppose(at="soon")])
def test_nothing_and_nonsense_are_refused(supposed: Suppose) -> None:
    """There must be something to suppose, and a day must be a day."""
    with pytest.raises(BadValue):
        what_if(inputs(asked=ASKED), supposed)
