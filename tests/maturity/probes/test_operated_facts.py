"""What holds of every answer about operation, whatever was exported."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.told import AS_OF, facts

import pawl.maturity.probes
from pawl.base.catalogue import load
from pawl.base.finding import Outcome
from pawl.maturity.evidence import Record, Share
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Operations
from pawl.maturity.probe import Probe, ask

PROBES = (
    "runbooks-are-used",
    "alerts-are-actionable",
    "objectives-are-measured",
    "budgets-act",
    "oncall-is-covered",
    "commander-is-quick",
    "postmortems-are-closed",
    "incidents-rarely-repeat",
    "restores-are-tested",
    "chaos-is-drilled",
    "faults-heal-themselves",
    "alerts-come-first",
    "processes-are-supervised",
)
FILES = {
    "runbooks/a.md": "# A\n\nTBD\n",
    "alerts.yml": "groups:\n- rules:\n  - {alert: A, expr: up, annotations: {runbook_url: x/y}}\n",
    "compose.yml": "services: {web: {restart: always}}",
}

_moments = st.builds(
    lambda month, day, hour: f"2026-{month:02}-{day:02}T{hour:02}:00:00.000000Z",
    st.integers(5, 12),
    st.integers(1, 28),
    st.integers(0, 23),
)
_maybe = st.none() | st.booleans()
_names = st.sampled_from(["a", "b", "runbooks/a.md", ""])


def _of(optional: dict[str, Any] | None = None, **needed: Any) -> st.SearchStrategy[Any]:
    return st.lists(st.fixed_dictionaries(needed, optional=optional or {}), max_size=5)


OPERATIONS = st.fixed_dictionaries(
    {
        "source": st.just("ops"),
        "complete_since": st.sampled_from(
            ["2025-01-01T00:00:00.000000Z", "2026-09-01T00:00:00.000000Z"]
        ),
    },
    optional={
        "incidents": _of(
            {
                "commander_at": _moments,
                "commander_acknowledged": _maybe,
                "resolved_at": _moments,
                "reported_by_user": _maybe,
                "root_cause": _names,
                "postmortem_at": _moments,
                "runbook": _names,
                "runbook_cited_at": _moments,
                "actions": _of(
                    {"due": _moments, "done_at": _moments}, id=_names, owned=st.booleans()
                ),
            },
            id=_names,
            severity=st.integers(1, 5),
            opened_at=_moments,
        ),
        "alerts": _of(
            {"resolved_at": _moments, "page": st.booleans(), "acted": _maybe, "incident": _names},
            rule=_names,
            at=_moments,
        ),
        "drills": _of(
            {"succeeded": _maybe, "checksum": _maybe, "hypothesis": _maybe, "fault": _names},
            id=_names,
            kind=st.sampled_from(["restore", "chaos", "tabletop", "budget-burn"]),
            at=_moments,
        ),
        "objectives": _of(
            {"budget_left": st.floats(-1, 1), "acted_at": _moments},
            service=_names,
            name=_names,
            target=st.sampled_from([0.0, 0.99, 1.0]),
            points=st.integers(0, 9),
            expected_points=st.integers(0, 9),
            distinct_values=st.integers(0, 9),
        ),
        "shifts": _of(
            schedule=_names, person=st.none() | _names, start=_moments, end=_moments
        ),
        "remediations": _of(
            {"cleared": _maybe, "clear_minutes": st.floats(0, 90), "stop_rule": _maybe},
            rule=_names,
            at=_moments,
        ),
        "restarts": _of(service=_names, at=_moments),
    },
)  # fmt: skip


TOLD = facts(FILES)
JUDGES = {name: load(pawl.maturity.probes, name, "PROBE", Probe) for name in PROBES}


def _facts(operations: Any) -> Facts:
    return msgspec.structs.replace(TOLD, operations=msgspec.convert(operations, Operations))


def _records(operations: Any) -> dict[str, Record]:
    told = _facts(operations)
    return {name: ask(name, probe, told) for name, probe in JUDGES.items()}


@given(operations=OPERATIONS)
def test_any_export_is_answered_with_shares_that_are_shares(operations: Any) -> None:
    """No export makes a probe fail, no share exceeds its whole, and no date lies ahead."""
    for record in _records(operations).values():
        assert record.outcome is not Outcome.ERROR, record.reason
        shares = [value for value in record.values.values() if isinstance(value, Share)]
        for share in shares:
            assert 0 <= share.hits <= share.of
        if record.outcome is Outcome.PASS:
            assert not shares or any(share.hits or share.of for share in shares), record
        assert record.claimed_at is None or record.claimed_at <= AS_OF, record


@given(operations=OPERATIONS, order=st.randoms(use_true_random=False))
def test_the_order_of_an_export_changes_nothing(operations: Any, order: Any) -> None:
    """The same lines in another order give the same evidence."""
    shuffled = {
        name: order.sample(value, len(value)) if isinstance(value, list) else value
        for name, value in operations.items()
    }
    assert _records(shuffled) == _records(operations)
