"""Windows, exports that reach them, and what is counted within."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.told import AS_OF, facts

from pawl.maturity.facts.host import Host
from pawl.maturity.facts.operations import Deploy, Operations
from pawl.maturity.looking.recent import days_before
from pawl.maturity.looking.windows import (
    deploys_of,
    host_of,
    middle,
    mostly_known,
    operations_of,
    reaches,
)


def _host(**told: object) -> dict[str, object]:
    return {
        "product": "github",
        "repository": "o/r",
        "exported_at": days_before(AS_OF, 1),
        "complete_since": days_before(AS_OF, 100),
        "default_branch": "main",
        **told,
    }


def test_an_export_must_be_recent_and_whole() -> None:
    """An old export and one without the part asked for say why they will not do."""
    assert isinstance(host_of(facts(host=_host())), Host)
    old = host_of(facts(host=_host(exported_at=days_before(AS_OF, 91))))
    assert isinstance(old, str)
    lacking = host_of(facts(host=_host(missing={"checks": "rate limited."})), "checks")
    assert lacking == "The host's export lacks checks: rate limited. Export anew."
    assert host_of(facts()) == "No host was given."


def test_records_must_cover_a_month() -> None:
    """Operation recorded for less than 28 days is no habit."""
    young = {"source": "x", "complete_since": days_before(AS_OF, 27)}
    assert isinstance(operations_of(facts(operations=young)), str)
    assert isinstance(
        operations_of(facts(operations={**young, "complete_since": days_before(AS_OF, 28)})),
        Operations,
    )
    assert reaches(days_before(AS_OF, 90), AS_OF)
    assert not reaches(days_before(AS_OF, 89), AS_OF)


def test_only_production_counts() -> None:
    """Deployments elsewhere, before the window or after its end are left out."""
    deploys = (
        Deploy(id="late", at=days_before(AS_OF, 2)),
        Deploy(id="in", at=days_before(AS_OF, 20), environment="Prod"),
        Deploy(id="staging", at=days_before(AS_OF, 20), environment="staging"),
        Deploy(id="early", at=days_before(AS_OF, 98)),
    )
    operations = Operations(source="x", complete_since=days_before(AS_OF, 400), deploys=deploys)
    assert [each.id for each in deploys_of(operations, AS_OF)] == ["in", "late"]
    assert [each.id for each in deploys_of(operations, AS_OF, 90, 7)] == ["in"]


@given(st.lists(st.floats(0, 1e6)))
def test_the_median_lies_among_the_values(values: list[float]) -> None:
    """A median is between the least and the greatest; of nothing there is none."""
    found = middle(values)
    assert found is None if not values else min(values) <= found <= max(values)  # type: ignore[operator]


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_tenth_may_be_unknown(known: int, unknown: int) -> None:
    """More than a tenth of unknown kind hides the rest."""
    everything = [None] * (known + unknown)
    assert mostly_known([None] * known, everything) is (unknown * 10 <= known + unknown)


def test_facts_are_not_changed() -> None:
    """Reading a window leaves the facts as they were."""
    told = facts(host=_host())
    before = msgspec.json.encode(told.host)
    host_of(told)
    assert msgspec.json.encode(told.host) == before
