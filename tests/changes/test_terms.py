"""Numbers of judgement about changes: each has a source, none is below nothing."""

from importlib.resources import files

import pytest
from tests.changes.made_changes import POLICY

from pawl.base.errors import BadFile
from pawl.changes.terms import Terms, load_terms, shipped_terms

TEXT = files("pawl.changes").joinpath("terms.yaml").read_text()


def test_every_number_has_a_source() -> None:
    """What comes with Pawl says of each number where it comes from, and of nothing else."""
    terms = shipped_terms()
    numbers = set(Terms.__struct_fields__) - {"schema", "version", "as_of", "sources"}
    assert set(terms.sources) == numbers
    assert terms == POLICY.terms


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("approval_hours: 336", "approval_hours: -1"),
        TEXT.replace("approval_hours: 336", "approval_hours: .inf"),
        TEXT.replace("approval_hours: 336\n", ""),
        TEXT.replace("skew_s: The usual minute of leeway between clocks.", 'skew_s: ""'),
        TEXT.replace("skew_s: 60", "skew_s: a minute"),
        TEXT.replace("skew_s: 60", "skew_s: 60\nluck: 7"),
    ],
)
def test_terms_that_are_not_clear_do_not_load(text: str) -> None:
    """A missing, negative, endless or unexplained number is refused with its file."""
    assert text != TEXT
    with pytest.raises(BadFile, match=r"change-terms\.yaml"):
        load_terms(text, place="change-terms.yaml")
