"""How long an investigation takes over many lines of logs and commits.

Run `python benchmarks/investigate.py [--lines 100000] [--commits 1000] [--runs 5]`. A repository
and logs are made once from the recipe of the bundled exercise, with as many commits and lines
added; then sources look at them side by side and the facts are weighed, as the command does.
Processor seconds count those of git as well.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

import msgspec

from pawl.app.investigating import exercise_window, lookers, rank_of, shipped_known
from pawl.investigation.exercise import CommitRecipe, Exercise, LogRecipe, shipped_exercise
from pawl.services.investigating import investigated
from pawl.world.exercise_place import SETTINGS, make_exercise
from pawl.world.source import Asking


def enlarged(exercise: Exercise, lines: int, commits: int) -> Exercise:
    """Return the recipe with so many lines and commits, each commit of a file of its own."""
    added = tuple(
        CommitRecipe(
            id=f"more-{number}",
            minute=-119 + 100 * number / commits,
            author=f"author-{number % 12}",
            subject=f"Work on part {number % 40}",
            files={f"src/parts/p{number % 40}/f{number}.ts": f"export const n{number} = 1;\n" * 30},
            decoy=True,
        )
        for number in range(max(0, commits - len(exercise.commits)))
    )
    known = sum((each.end - each.begin) * each.per_minute for each in exercise.logs)
    more = LogRecipe(
        component="user-service",
        level="info",
        text="request {id} of session {n} took {ms} ms at 10.0.3.7:8080",
        begin=-120,
        end=6,
        per_minute=max(1.0, (lines - known) / 126),
        attributes={"region": "eu|us"},
    )
    return msgspec.structs.replace(
        exercise, commits=(*exercise.commits, *added), logs=(*exercise.logs, more)
    )


def main() -> None:
    """Make the folder, investigate it a few times, and print what it took."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--lines", type=int, default=100_000)
    asked.add_argument("--commits", type=int, default=1_000)
    asked.add_argument("--runs", type=int, default=5)
    given = asked.parse_args()
    exercise = enlarged(shipped_exercise("user-cache"), given.lines, given.commits)
    known, window = shipped_known(), exercise_window(exercise)
    with tempfile.TemporaryDirectory() as held:
        place = make_exercise(exercise, Path(held))
        asking = Asking(window=window, settings=SETTINGS, terms=known.terms, folder=place.folder)
        walls, processors = [], []
        for _ in range(given.runs):
            wall, processor = time.perf_counter(), sum(os.times()[:4])
            found = investigated(
                "benchmark",
                window,
                lookers(asking),
                known,
                made_at=window.until,
                timeout_s=asking.timeout_s,
            )
            walls.append(time.perf_counter() - wall)
            processors.append(sum(os.times()[:4]) - processor)
        items = {each.source: each.items for each in found.looks if each.outcome == "looked"}
        print(f"looked at: {items}; the cause is number {rank_of(exercise, found, place)}")
        for name, values in (("wall s", walls), ("processor s", processors)):
            print(
                f"{name}: {min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f}"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak RSS: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
