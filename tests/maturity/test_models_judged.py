"""The models that come with Pawl, judged: what is out of reach, what is in reach, and by what."""

from datetime import timedelta
from functools import cache

import msgspec
import pytest
from tests.maturity.test_models import FOLDER, LOADED, PROBES, TYPES
from tests.maturity.told import AS_OF

from pawl.base.finding import Outcome
from pawl.base.times import format_time, parse_time
from pawl.maturity.assess import About, assess
from pawl.maturity.compiled import CompiledModel, compile_model
from pawl.maturity.engine_numbers import load_numbers
from pawl.maturity.evidence import Assurance, Depth, Record, Share, Value, sealed
from pawl.maturity.lint import CONTEXT_ONLY
from pawl.maturity.model import Threshold

NUMBERS = load_numbers((FOLDER / "engine.yaml").read_text())
COMPILED = [compile_model(each) for each in LOADED.values()]
AT_ONCE = [
    compile_model(
        msgspec.structs.replace(
            model,
            criteria=tuple(msgspec.structs.replace(each, hold_for=None) for each in model.criteria),
        )
    )
    for model in LOADED.values()
]
"""The same models without waiting, so that one day's records can reach every level."""
ASKED = sorted(PROBES.keys() - CONTEXT_ONLY)
Levels = dict[str, dict[str, int]]


@cache
def _thresholds() -> dict[tuple[str, str], list[Threshold]]:
    """Return every threshold on a value, by probe and name."""
    found: dict[tuple[str, str], list[Threshold]] = {}
    for model in LOADED.values():
        for criterion in model.criteria:
            for need in criterion.needs.values():
                for name, threshold in need.where.items():
                    found.setdefault((need.probe, name), []).append(threshold)
    return found


def _best(probe: str, name: str) -> Value:
    """Return a value that reaches every threshold on it, as a probe would tell it."""
    thresholds = _thresholds().get((probe, name), [])
    exact = [each.equals for each in thresholds if each.equals is not None]
    if exact:
        return exact[0]
    floor = max((each.at_least for each in thresholds if each.at_least is not None), default=None)
    top = min((each.at_most for each in thresholds if each.at_most is not None), default=None)
    if TYPES.values[probe][name] != "share":
        return floor if floor is not None else top if top is not None else 1
    share = 1.0 if floor is not None else top if top is not None else 1.0
    return Share(round(share * 10_000), 10_000)


def _record(probe: str, depth: Depth, days_ago: int = 0, outcome: Outcome = Outcome.PASS) -> Record:
    return sealed(
        Record(
            probe=probe,
            probe_version=1,
            subject="repo:example",
            outcome=outcome,
            depth=depth,
            kinds=PROBES[probe].kinds,
            assurance=Assurance.OBSERVED,
            values={name: _best(probe, name) for name in TYPES.values[probe]},
            reason="So it is.",
            observed_at=format_time(parse_time(AS_OF) - timedelta(days=days_ago)),
        )
    )


def _levels(records: list[Record], models: list[CompiledModel] = COMPILED) -> Levels:
    about = About(subject="repo:example", as_of=AS_OF)
    found = assess(about, models, records, NUMBERS)
    return {
        model.model: {each.id: each.measured for each in model.dimensions} for model in found.models
    }


def _all_at(eng: int, ops: int, adopt: int, tier3: int) -> Levels:
    wanted = dict(zip(LOADED, (eng, ops, adopt, tier3), strict=True))
    return {
        name: {each.id: wanted[name] for each in model.dimensions} for name, model in LOADED.items()
    }


def test_what_is_merely_there_reaches_no_second_level() -> None:
    """With every probe saying yes and every figure perfect, presence alone stays at level 1."""
    records = [_record(probe, Depth.EXISTS) for probe in ASKED]
    assert _levels(records) == _all_at(1, 1, 1, 1)


def test_the_first_look_can_prove_the_third_level() -> None:
    """What exports prove on one day reaches level 3 everywhere, and no level above."""
    records = [_record(probe, Depth.PAYS) for probe in ASKED]
    assert _levels(records) == _all_at(3, 3, 3, 2)


def test_every_level_is_in_reach_of_the_probes() -> None:
    """Held for half a year, the deepest answers of all probes reach the top of every model."""
    records = [
        _record(probe, PROBES[probe].depth, days_ago)
        for probe in ASKED
        for days_ago in range(0, 200, 5)
    ]
    assert _levels(records) == _all_at(5, 4, 4, 2)


def test_without_waiting_one_day_reaches_every_level() -> None:
    """The next test starts from the top of every model."""
    records = [_record(probe, Depth.PAYS) for probe in ASKED]
    assert _levels(records, AT_ONCE) == _all_at(5, 4, 4, 2)


@pytest.mark.parametrize("probe", ASKED)
@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.CANNOT_TELL])
def test_every_need_counts(probe: str, outcome: Outcome) -> None:
    """A probe that says no, or cannot tell, keeps away every level whose criteria ask it."""
    records = [
        _record(each, Depth.PAYS, outcome=outcome if each == probe else Outcome.PASS)
        for each in ASKED
    ]
    found = _levels(records, AT_ONCE)
    for name, model in LOADED.items():
        for criterion in model.criteria:
            if probe in {need.probe for need in criterion.needs.values()}:
                assert found[name][criterion.dimension] < criterion.level


@pytest.mark.parametrize("probe", ASKED)
def test_no_single_trick_reaches_a_second_level(probe: str) -> None:
    """One probe deceived to the full lifts nothing while the rest is mere presence."""
    records = [_record(each, Depth.PAYS if each == probe else Depth.EXISTS) for each in ASKED]
    assert _levels(records, AT_ONCE) == _all_at(1, 1, 1, 1)
