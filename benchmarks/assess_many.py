"""Time the judging of many subjects on a model of many criteria, with everything explained.

    python benchmarks/assess_many.py --subjects 1000 --criteria 150
    python benchmarks/assess_many.py --records 100000      # the checking of stored evidence

The model has five dimensions and five levels; a third of the criteria have two needs, a tenth a
condition, a tenth must have held for four weeks and so bring a history. Prints seconds, of the
processor and of the wall; reading, probing and rendering are not in them.
"""

import argparse
import cProfile
import pstats
import time
from pathlib import Path

import msgspec

from pawl.base.finding import Outcome, Place
from pawl.maturity.assess import About, assess
from pawl.maturity.compiled import CompiledModel, compile_model
from pawl.maturity.engine_numbers import EngineNumbers, load_numbers
from pawl.maturity.evidence import Assurance, Bundle, Depth, Kind, Record, Share, is_whole, sealed
from pawl.maturity.model import Criterion, Dimension, Level, Model, Need, Source, Threshold

NOW = "2026-11-21T00:00:00.000000Z"
DIMENSIONS = ("code", "delivery", "reliability", "security", "culture")
ENGINE = Path(__file__).resolve().parents[1] / "src" / "pawl" / "maturity" / "engine.yaml"
DEPTHS = (Depth.EXISTS, Depth.SUBSTANTIVE, Depth.RUNS, Depth.BITES, Depth.PAYS)


def made_model(criteria: int) -> Model:
    """Return a model of so many criteria, spread over dimensions and levels."""
    levels = tuple(
        Level(
            ordinal=ordinal,
            id=f"bench.L{ordinal}",
            name=f"level {ordinal}",
            description="",
            min_depth=DEPTHS[ordinal - 1],
            fresh_for="90d",
        )
        for ordinal in range(1, 6)
    )
    return Model(
        id="bench",
        version="1",
        name="Benchmark",
        purpose="",
        source=Source(title="made", as_of="2026-11-21"),
        rates="repository",
        forbidden_uses=(),
        dimensions=tuple(Dimension(id=name, name=name) for name in DIMENSIONS),
        levels=levels,
        criteria=tuple(_criterion(number) for number in range(criteria)),
    )


def _criterion(number: int) -> Criterion:
    where = {"share": Threshold(at_least=0.8), "count": Threshold(at_least=1)}
    needs = {"main": Need(probe=f"probe-{number % 80}", where=where)}
    if number % 3 == 0:
        needs["more"] = Need(
            probe=f"probe-{(number + 7) % 80}", where={"on": Threshold(equals=True)}
        )
    return Criterion(
        id=f"bench.c{number}",
        dimension=DIMENSIONS[number % 5],
        level=2 + number // 5 % 4,
        origin="authored",
        statement="It holds.",
        needs=needs,
        applies_when=Need(probe="probe-0") if number % 10 == 0 else None,
        min_kinds=2 if number % 7 == 0 else 1,
        hold_for="28d" if number % 10 == 1 else None,
    )


def made_records(subject: str) -> list[Record]:
    """Return the evidence of one subject: 80 probes, an eighth with four weeks of history."""
    records = []
    for number in range(80):
        days = range(29) if number % 10 == 1 else range(1)
        for day in days:
            records.append(_record(subject, number, day))
    return records


def _record(subject: str, number: int, days_ago: int) -> Record:
    moment = f"2026-11-{20 - days_ago:02}" if days_ago < 20 else f"2026-10-{51 - days_ago:02}"
    return sealed(
        Record(
            probe=f"probe-{number}",
            probe_version=1,
            subject=subject,
            outcome=Outcome.FAIL if number % 9 == 8 else Outcome.PASS,
            depth=DEPTHS[2 + number % 3],
            kinds=(Kind.CI, Kind.TREE),
            assurance=Assurance.OBSERVED,
            values={
                "share": Share(90 + number % 10, 100, census=number % 2 == 0),
                "count": number,
                "on": True,
                "ratio": number / 7,
            },
            places=(Place("src/module.py", 10), Place("tests/test_module.py", 3)),
            reason="Ninety of a hundred hold in the last ninety days.",
            observed_at=f"{moment}T00:00:00.000000Z",
            inputs="0" * 64,
        )
    )


def time_subjects(
    count: int, compiled: CompiledModel, numbers: EngineNumbers
) -> tuple[float, float, int]:
    """Return the seconds of the processor and of the wall, and the bytes of the results."""
    evidence = {f"repo:{each}": made_records(f"repo:{each}") for each in range(min(count, 50))}
    subjects = [(each, f"repo:{each % len(evidence)}") for each in range(count)]
    encoder = msgspec.json.Encoder()
    size = 0
    processor, wall = time.process_time(), time.perf_counter()
    for _, subject in subjects:
        about = About(subject=subject, as_of=NOW)
        result = assess(about, [compiled], evidence[subject], numbers)
        size = size or len(encoder.encode(result))
    return time.process_time() - processor, time.perf_counter() - wall, size * count


def time_records(count: int) -> tuple[float, float]:
    """Return the seconds for reading and verifying so many stored records."""
    pool = [_record("repo:0", number, number % 28) for number in range(1000)]
    encoded = msgspec.json.encode(Bundle(records=tuple(pool)))
    decoder = msgspec.json.Decoder(Bundle)
    processor, wall = time.process_time(), time.perf_counter()
    for _ in range(count // len(pool)):
        if not all(is_whole(record) for record in decoder.decode(encoded).records):
            raise SystemExit("a record is not what its id names")
    return time.process_time() - processor, time.perf_counter() - wall


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--subjects", type=int, default=1000)
    parser.add_argument("--criteria", type=int, default=150)
    parser.add_argument("--records", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    if asked.records:
        processor, wall = time_records(asked.records)
        per_million = processor / asked.records * 1e6
        print(f"{asked.records} records verified: {processor:.2f} s processor, {wall:.2f} s wall")
        print(f"{per_million:.1f} s processor for a million")
        return
    numbers = load_numbers(ENGINE.read_text())
    compiled = compile_model(made_model(asked.criteria))
    profile = cProfile.Profile() if asked.profile else None
    if profile:
        profile.enable()
    processor, wall, size = time_subjects(asked.subjects, compiled, numbers)
    if profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    print(
        f"{asked.subjects} subjects x {asked.criteria} criteria: {processor:.2f} s processor, "
        f"{wall:.2f} s wall, {size / 1e6:.0f} MB of results"
    )


if __name__ == "__main__":
    main()
