"""What a live trial costs beside the agent: `python -m benchmarks.eval_trials [trials] [--runs N]`.

Scheduling alone, with trials that do nothing and are over at once; the same with a process forked
for each, as real trials have; and a whole trial of the agent that does nothing, from the copy of
the workspace to the record on the disk, which is what stands around a supervised run.
Processor time of this process and its children, medians of the runs, per trial.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from pawl.app.trials import Trials
from pawl.evals.case import Case, Provenance, Run
from pawl.evals.counts import CaseClass
from pawl.evals.record import Ending, Manifest, Trial
from pawl.evals.sealing import Sealed, seal
from pawl.runs.record import Outcome
from pawl.services.eval_live import Lot, run_live
from pawl.services.trial_schedule import Crew
from pawl.world.trial_workers import Workers

CASE = """\
schema: 1
id: nothing
class: behaviour
provenance: {added: 2026-11-21, owner: benchmark}
setup: {workspace: fixture}
run: {prompt: go}
assert: [{contains: done}]
"""


class Here:
    """A crew that works at once, in this process."""

    def __init__(self) -> None:
        self._ended: list[tuple[int, bytes | None]] = []

    def start(self, number: int, work: Callable[[], bytes]) -> None:
        """Do the work."""
        self._ended.append((number, work()))

    def wait(self) -> Sequence[tuple[int, bytes | None]]:
        """Return what ended."""
        ended, self._ended = self._ended, []
        return ended


def spent() -> float:
    """Return the processor seconds of this process and of the children it has waited for."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def sealed() -> Sealed:
    """Return a record of nothing, made once."""
    manifest = Manifest(
        case="nothing",
        case_digest="",
        stimulus="",
        assets={},
        agent="null",
        recorded_at="2026-11-21T00:00:00.000000Z",
        ending=Ending(outcome=Outcome.SUCCEEDED),
    )
    return seal(Trial(manifest=manifest), {})


def scheduled(trials: int, crew: Crew, record: Sealed) -> float:
    """Return the milliseconds that scheduling one of so many trials of ten cases takes."""
    provenance = Provenance(added="2026-11-21", owner="benchmark")
    cases = [
        Case(
            id=f"case-{number}",
            case_class=CaseClass.BEHAVIOUR,
            provenance=provenance,
            run=Run(prompt="go"),
            asserts=({"contains": "x"},),
        )
        for number in range(10)
    ]
    lots = [Lot(case=case, trial=lambda: record, put=lambda *_: "path") for case in cases]
    counts = dict.fromkeys((case.id for case in cases), trials // 10)
    before = spent()
    run_live(lots, counts, crew, jobs=4, wanted=lambda _: {}, told=lambda *_: None)
    return (spent() - before) * 1000 / (trials // 10 * 10)


def whole(top: Path, trials: int) -> float:
    """Return the milliseconds of one trial of the agent that does nothing, of 100 files."""
    evals = top / ".pawl" / "evals"
    (evals / "fixture").mkdir(parents=True)
    (evals / "case.yaml").write_text(CASE)
    for number in range(100):
        (evals / "fixture" / f"{number}.txt").write_text("some text\n" * 100)
    subprocess.run(("git", "init", "-q"), cwd=top, check=True)
    live = Trials(top / "data", top)
    (placed,) = live.shelf.cases()
    live.keep_null(placed)
    before = spent()
    for _ in range(trials):
        live.keep_null(placed)
    return (spent() - before) * 1000 / trials


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("trials", type=int, nargs="?", default=2000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    record = sealed()
    alone = [scheduled(asked.trials, Here(), record) for _ in range(asked.runs)]
    forked = []
    for _ in range(asked.runs):
        with Workers() as crew:
            forked.append(scheduled(min(asked.trials, 400), crew, record))
    with tempfile.TemporaryDirectory() as folder:
        around = whole(Path(folder), 20)
    print(f"scheduling a trial:              {statistics.median(alone):7.3f} ms (at most 1)")
    print(f"with a process of its own:       {statistics.median(forked):7.3f} ms")
    print(f"a whole trial that does nothing: {around:7.3f} ms")


if __name__ == "__main__":
    main()
