"""How long the gate takes over a suite: `python -m benchmarks.eval_gate [cases] [--runs N]`.

Each run judges another made-up suite, so that what one run keeps in memory does not help the next
one: trials of three and of eight, pools of 15 to 25, some clusters, some guards. The sign-flip test
is also timed alone, as it counts and where it has to draw 10,000 choices of signs. Processor time.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date

from pawl.evals.counts import CaseClass, CaseCounts, Tally
from pawl.evals.gate import decide, decision_bytes
from pawl.evals.gate_policy import shipped_policy
from pawl.evals.sign_flip import Method, sign_flip_drop

TODAY = date(2026, 11, 21)
DRAWS = 10_000


def made(cases: int, seed: int) -> list[CaseCounts]:
    """Return a suite that mostly passes, other numbers for each seed."""
    chance = random.Random(seed)
    return [_case(n, chance) for n in range(cases)]


def _case(number: int, chance: random.Random) -> CaseCounts:
    rate = chance.choice([1.0, 1.0, 0.95, 0.8, 0.6])
    trials, pool = chance.choice([3, 3, 3, 8]), chance.randint(15, 25)
    return CaseCounts(
        id=f"case-{number:05}",
        kind=CaseClass.GUARD if number % 20 == 0 else CaseClass.BEHAVIOUR,
        cluster=f"cluster-{number // 3}" if number % 4 == 0 else "",
        baseline=Tally(sum(chance.random() < rate for _ in range(pool)), pool),
        trials=Tally(sum(chance.random() < rate for _ in range(trials)), trials),
    )


def timed(what: Callable[[int], object], runs: int) -> list[float]:
    """Return the processor milliseconds of each run; a run is told its number."""
    found = []
    for run in range(runs):
        before = time.process_time()
        what(run)
        found.append((time.process_time() - before) * 1000)
    return found


def judge(cases: int, seed: int) -> bytes:
    """Judge one suite and return the bytes of the decision."""
    return decision_bytes(decide(made(cases, seed), shipped_policy(), today=TODAY, seed=seed))


def counted(cases: int, seed: int) -> None:
    """Test differences as suites have them: up to about a thousand cases all signs are counted."""
    chance = random.Random(seed)
    sign_flip_drop([chance.randint(-200, 200) for _ in range(cases)], seed=seed, draws=DRAWS)


def drawn(cases: int, seed: int) -> None:
    """Test differences without a small common measure, for which signs are drawn."""
    chance = random.Random(seed)
    moved = [chance.randint(-(10**9), 10**9) for _ in range(cases)]
    assert sign_flip_drop(moved, seed=seed, draws=DRAWS).method is Method.DRAWN


def main(argv: list[str]) -> int:
    """Print a table; the first row starts an interpreter of its own each time."""
    parser = argparse.ArgumentParser(description="Measure the gate of the evals.")
    parser.add_argument("cases", type=int, nargs="?", default=200)
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args(argv)
    cases = args.cases
    start = f"from benchmarks.eval_gate import judge; judge({cases}, 1)"
    walls = []
    for _ in range(args.runs):
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", start], check=True)
        walls.append((time.perf_counter() - before) * 1000)
    rows = {
        "one decision, interpreter and imports included (wall)": walls,
        "one decision": timed(lambda run: judge(cases, run), args.runs),
        "sign-flip test, differences of rates": timed(lambda run: counted(cases, run), args.runs),
        f"sign-flip test, {DRAWS:,} draws": timed(lambda run: drawn(cases, run), args.runs),
    }
    print(f"{cases} cases, {args.runs} runs\n\n| what | ms (min / median / max) |\n|---|---:|")
    for name, values in rows.items():
        shown = min(values), statistics.median(values), max(values)
        print(f"| {name} | {' / '.join(f'{value:.1f}' for value in shown)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
