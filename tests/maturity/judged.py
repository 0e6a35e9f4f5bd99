"""Models, records and numbers made small, for tests of the engine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pawl.base.finding import Outcome
from pawl.base.times import format_time
from pawl.maturity.assess import About, assess
from pawl.maturity.compiled import compile_model
from pawl.maturity.dossier import Dossier
from pawl.maturity.engine_numbers import load_numbers
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Value, sealed
from pawl.maturity.judge import judge_criterion
from pawl.maturity.model import Criterion, Dimension, Level, Model, Need, Source, Threshold
from pawl.maturity.settling import terms_of
from pawl.maturity.verdict import Assessment, CriterionResult, DimensionResult

ENGINE = Path(__file__).resolve().parents[2] / "src" / "pawl" / "maturity" / "engine.yaml"
NUMBERS = load_numbers(ENGINE.read_text())
SUBJECT = "repo:example"
_NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = format_time(_NOW)
DEPTHS = (Depth.EXISTS, Depth.SUBSTANTIVE, Depth.RUNS, Depth.BITES, Depth.PAYS)


def ago(days: float) -> str:
    """Return the time so many days before now; below zero it is later."""
    return format_time(_NOW - timedelta(days=days))


def record(
    probe: str = "asked",
    outcome: Outcome = Outcome.PASS,
    *,
    days: float = 0,
    values: dict[str, Value] | None = None,
    **told: Any,
) -> Record:
    """Return a sealed record, first seen so many days ago; deep, observed and of CI by default."""
    said: dict[str, Any] = {
        "probe_version": 1,
        "subject": SUBJECT,
        "depth": Depth.PAYS,
        "kinds": (Kind.CI,),
        "assurance": Assurance.OBSERVED,
        "reason": f"{probe} says {outcome}.",
        **told,
    }
    return sealed(
        Record(probe=probe, outcome=outcome, observed_at=ago(days), values=values or {}, **said)
    )


def criterion(name: str = "c", **told: Any) -> Criterion:
    """Return a criterion of level 2 of the first dimension that asks the probe `asked`."""
    said: dict[str, Any] = {
        "dimension": "one",
        "level": 2,
        "origin": "authored",
        "statement": "It holds.",
        "needs": {"main": Need(probe="asked")},
        **told,
    }
    return Criterion(id=name, **said)


def model(*criteria: Criterion, levels: int = 5, **told: Any) -> Model:
    """Return a model of these criteria; level n needs depth n, and evidence lasts 90 days."""
    dimensions = sorted({each.dimension for each in criteria} | {"one"})
    said: dict[str, Any] = {
        "id": "eng",
        "version": "1",
        "name": "Engineering",
        "purpose": "Seeing what to do next.",
        "source": Source(title="a source", as_of="2026-11-21"),
        "rates": "repository",
        "forbidden_uses": (),
        "levels": tuple(
            Level(
                ordinal=ordinal,
                id=f"eng.L{ordinal}",
                name=f"level {ordinal}",
                description="",
                risk=f"risk {ordinal}",
                min_depth=DEPTHS[ordinal - 1],
                fresh_for="90d",
            )
            for ordinal in range(1, levels + 1)
        ),
        "dimensions": tuple(Dimension(id=name, name=name) for name in dimensions),
        **told,
    }
    return Model(criteria=criteria, **said)


def judged(asked: Criterion, *records: Record, now: str = NOW, **evidence: Any) -> CriterionResult:
    """Return one criterion judged over these records."""
    compiled = compile_model(model(asked)).cells[asked.dimension][asked.level][0]
    return judge_criterion(compiled, Dossier(SUBJECT, now, records, **evidence), terms_of(NUMBERS))


def assessed(asked: Model, *records: Record, now: str = NOW, **given: Any) -> Assessment:
    """Return the assessment of the subject on one model."""
    about = About(subject=SUBJECT, as_of=now)
    return assess(about, [compile_model(asked)], records, NUMBERS, **given)


def dimension(asked: Model, *records: Record, **given: Any) -> DimensionResult:
    """Return the first dimension of an assessment on one model."""
    return assessed(asked, *records, **given).models[0].dimensions[0]


def wants(**thresholds: Threshold) -> dict[str, Need]:
    """Return one need of the probe `asked` with these thresholds."""
    return {"main": Need(probe="asked", where=thresholds)}
