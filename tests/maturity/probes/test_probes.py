"""Every probe against its cases: what it says yes to, no to, cannot tell, and is not fooled by.

Cases are data, one file a probe in `cases/`. Each group is a list of
`{name, files, history, reports, host, operations, practice, as_of, outcome, values, reason}`;
only what a case needs is written. In the group `tricked` a case looks like a yes and is none.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from tests.maturity.told import AS_OF, facts

import pawl.maturity.probes
from pawl.base.catalogue import discover
from pawl.base.finding import Outcome
from pawl.base.loading import load_yaml
from pawl.maturity.evidence import Depth, is_whole
from pawl.maturity.probe import Probe, ask

CASES = Path(__file__).parent / "cases"
PROBES = discover(pawl.maturity.probes, "PROBE", Probe)


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One set of facts and what the probe must make of it."""

    name: str
    files: dict[str, str] | None = None
    history: Any = None
    reports: Any = None
    host: Any = None
    operations: Any = None
    practice: Any = None
    as_of: str = AS_OF
    outcome: Outcome | None = None
    depth: Depth | None = None
    values: dict[str, Any] = {}
    reason: str = ""
    place: str = ""


class Cases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A probe's cases; every group has at least one."""

    yes: tuple[Case, ...]
    no: tuple[Case, ...]
    cannot_tell: tuple[Case, ...] = msgspec.field(name="cannot-tell")
    tricked: tuple[Case, ...]
    not_applicable: tuple[Case, ...] = msgspec.field(default=(), name="not-applicable")


def _cases() -> list[Any]:
    found = []
    for probe in PROBES:
        path = CASES / f"{probe}.yaml"
        if not path.is_file():
            continue
        cases = load_yaml(path.read_text(), Cases, place=str(path))
        for group in Cases.__struct_fields__:
            for case in getattr(cases, group):
                found.append(pytest.param(probe, group, case, id=f"{probe}-{group}-{case.name}"))
    return found


def _outcome(group: str, case: Case) -> Outcome | None:
    usual: dict[str, Outcome] = {
        "yes": Outcome.PASS,
        "no": Outcome.FAIL,
        "cannot_tell": Outcome.CANNOT_TELL,
        "not_applicable": Outcome.NOT_APPLICABLE,
    }
    return case.outcome or usual.get(group)


@pytest.mark.parametrize(("probe", "group", "case"), _cases())
def test_a_probe_answers_its_cases(
    probe: str, group: Literal["yes", "no", "cannot_tell", "tricked", "not_applicable"], case: Case
) -> None:
    """A probe says of each case what the case says it must, and never yes when tricked."""
    sections = {
        name: getattr(case, name)
        for name in ("history", "reports", "host", "operations", "practice")
        if getattr(case, name) is not None
    }
    record = ask(probe, PROBES[probe], facts(case.files, as_of=case.as_of, **sections))
    wanted = _outcome(group, case)
    if wanted is None:
        weak = case.depth is not None or bool(case.values)
        assert record.outcome is not Outcome.PASS or weak, record
    else:
        assert record.outcome is wanted, record
    assert is_whole(record)
    assert record.reason.endswith((".", "?", "!")), "a reason is a sentence"
    if case.depth is not None:
        assert record.depth is case.depth, record
    told = msgspec.to_builtins(record.values)
    for name, value in case.values.items():
        assert told.get(name) == value, (name, told)
    assert case.reason in record.reason
    if case.place:
        assert case.place in [str(place) for place in record.places], record.places


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_has_a_case_of_each_group(probe: str) -> None:
    """A yes, a no, a cannot-tell and a trick are written down for every probe."""
    path = CASES / f"{probe}.yaml"
    assert path.is_file(), f"write {path}"
    cases = load_yaml(path.read_text(), Cases, place=str(path))
    assert cases.yes
    assert cases.no
    assert cases.cannot_tell
    assert cases.tricked


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_that_was_given_nothing_cannot_tell(probe: str) -> None:
    """Where no source was looked at, a probe neither accuses nor praises."""
    assert ask(probe, PROBES[probe], facts()).outcome is Outcome.CANNOT_TELL
