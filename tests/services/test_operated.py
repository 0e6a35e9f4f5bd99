"""Exports of operation and Pawl's own records, as one: nobody chooses the better of both."""

from pawl.base.errors import CannotTell
from pawl.maturity.facts import Absent
from pawl.maturity.facts.operations import Alert, Incident, Operations, Routine
from pawl.services.operated import KINDS, asked, joined


def incident(name: str, **other: object) -> Incident:
    return Incident(id=name, severity=2, opened_at="2026-10-01T00:00:00.000000Z", **other)  # type: ignore[arg-type]


EXPORT = Operations(
    source="ops.ndjson",
    complete_since="2026-01-01T00:00:00.000000Z",
    incidents=(incident("INC-1"), incident("inc_2", reopened=3)),
    alerts=(Alert(rule="a", at="2026-10-01T00:00:00.000000Z"),),
)
OWN = Operations(
    source="pawl:records",
    complete_since="2026-05-01T00:00:00.000000Z",
    incidents=(incident("inc_2"), incident("inc_3")),
    routines=(Routine(name="audit", due="2026-10-01"),),
)


def test_both_tell_of_a_kind() -> None:
    """Incidents of both count once each, our own record before the export's; alerts stay."""
    found = joined(EXPORT, OWN)
    assert isinstance(found, Operations)
    assert found.incidents is not None
    assert {each.id: each.reopened for each in found.incidents} == {
        "INC-1": 0, "inc_2": 0, "inc_3": 0,
    }  # fmt: skip
    assert found.alerts == EXPORT.alerts
    assert found.since("incidents") == EXPORT.complete_since
    assert found.since("routines") == OWN.complete_since
    assert found.since("alerts") == EXPORT.complete_since
    assert found.source == "ops.ndjson, pawl:records"


def test_one_of_them_is_absent() -> None:
    """What is there is what is told."""
    nothing = Absent("none", "export")
    assert joined(nothing, None) is nothing
    assert joined(nothing, OWN) is OWN
    assert joined(EXPORT, None) is EXPORT


def test_kinds_are_those_of_the_facts() -> None:
    """Every kind may be none."""
    empty = Operations(source="", complete_since="")
    assert KINDS
    assert all(getattr(empty, kind) is None for kind in KINDS)


def test_records_that_do_not_read_are_said_so() -> None:
    """The assessment goes on without them, and says that it did."""

    def broken() -> None:
        raise CannotTell("The records are damaged.")

    found, note = asked(broken)
    assert found is None
    assert "damaged" in note
    assert asked(None) == (None, "")
    assert asked(lambda: OWN) == (OWN, "")
