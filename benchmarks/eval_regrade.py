"""How long grading stored trials takes: `python -m benchmarks.eval_regrade [--runs N]`.

Makes a git repository with cases and sealed records, each record with 40 events, 20 calls with
their arguments and results, and a final answer; then runs the command itself, in a process of its
own. "Cold" has no memory of earlier grades, as in CI; "warm" has one. Processor seconds of the
process and what it started, its start included, and the peak of its resident memory.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.case_reading import read_suite
from pawl.evals.record import Ending, Manifest, Sandbox, Sight, Spent, Text, Trial
from pawl.evals.sealing import Sealed, seal
from pawl.evals.steering import assets_of
from pawl.runs.record import Outcome
from pawl.services.eval_keeping import keep_record, keep_shipped
from pawl.telemetry.event import Event, Kind, Source
from pawl.world.tree_writer import TreeWriter
from pawl.world.working_tree import WorkingTree

TIME = "2026-11-21T00:00:00.000000Z"
POOL = 20
CALLS = 20
CASE = """\
schema: 1
id: case-{number:04}
class: {kind}
provenance: {{added: 2026-11-01, owner: platform}}
covers: [skills/release]
setup: {{limits: {{turns: 20}}}}
run: {{prompt: ship it}}
assert:
  - {{tool_not_called: Bash, args_match: "git push.*--force", id: no-force}}
  - {{tool_called: Bash, args_match: "git tag v[0-9]", id: tagged}}
  - {{tool_sequence: [Read, Bash]}}
  - {{contains: released, source: [final]}}
  - {{regex: "version [0-9]+", source: [final]}}
  - {{max: {{turns: 12, usd: 0.30}}}}
"""


def trial(case: Case, assets: dict[str, str], number: int, *, good: bool) -> Trial:
    """Return one trial; `number` makes it another one."""
    events, texts = [], []
    for at in range(CALLS):
        tool = "Bash" if at % 2 else "Read"
        events.append(_event(2 * at, Kind.TOOL_CALL, tool, at))
        events.append(_event(2 * at + 1, Kind.TOOL_RESULT, tool, at))
        told = f"git tag v{number}.{at}" if good else "ls"
        asked = msgspec.json.encode({"command": told, "path": f"src/{at}.py"}).decode()
        texts.append(Text(source="tool_args", text=asked, event_id=f"e{2 * at}"))
        texts.append(Text(source="tool_result", text=f"line {at} of {number} " * 30))
    final = f"released version {number}" if good else "nothing was done"
    texts.append(Text(source="final", text=final))
    manifest = Manifest(
        case=case.id,
        case_digest=case_digest(case),
        stimulus=stimulus_digest(case),
        assets=assets,
        agent="claude-code",
        agent_version="2.1.0",
        model="sonnet",
        sandbox=Sandbox(kind="bwrap", network_denied=True),
        recorded_at=f"2026-11-21T00:00:00.{number:06}Z",
        sees=tuple(Sight),
        ending=Ending(outcome=Outcome.SUCCEEDED, exit_status=0),
        spent=Spent(turns=9, cost_micros=41_000, cost_basis="priced", wall_ms=31_000),
    )
    return Trial(manifest=manifest, events=tuple(events), texts=tuple(texts))


def _event(number: int, kind: Kind, tool: str, call: int) -> Event:
    return Event(
        id=f"e{number}",
        time=TIME,
        kind=kind,
        source=Source.RUN,
        agent="claude-code",
        tool=tool,
        tool_call_id=f"c{call}",
    )


def made(top: Path, cases: int) -> None:
    """Make a repository of so many cases, each with a pool of trials, an oracle and a null."""
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    skill = top / ".claude/skills/release/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("tag, never force\n")
    folder = top / ".pawl/evals"
    folder.mkdir(parents=True)
    writing = TreeWriter(top)
    first: list[Sealed] = []
    assets: dict[str, str] = {}  # The same for all cases: they cover one skill.
    for number in range(cases):
        kind = "guard" if number % 10 == 0 else "behaviour"
        text = CASE.format(number=number, kind=kind)
        (folder / f"case-{number:04}.yaml").write_text(text)
        case = read_suite(text, place="made").cases[0]
        assets = assets or assets_of(case, WorkingTree(top))
        for at in range(POOL):
            first = [seal(trial(case, assets, at, good=True), {})]
            keep_record(writing, case.id, first[0])
        keep_shipped(writing, case.id, "oracle", first[0])
        keep_shipped(writing, case.id, "null", seal(trial(case, assets, 99, good=False), {}))


def measured(command: list[str], expected: int) -> tuple[float, float]:
    """Return processor seconds and peak MiB of a command that must end with this status."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == expected, process.returncode
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(argv: list[str]) -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description="Measure grading of stored trials.")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args(argv)
    print("| what | CPU s (min / median / max) | peak MiB |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as temporary:
        for cases in (50, 500):
            top, data = Path(temporary) / f"repo-{cases}", Path(temporary) / f"data-{cases}"
            made(top, cases)
            pawl = [sys.executable, "-m", "pawl", "--data", str(data), "eval"]
            there = ["--path", str(top)]
            records = cases * POOL
            bless = [*pawl, "bless", "--reason", "made", *there]
            subprocess.run(bless, check=True, stdout=subprocess.DEVNULL)
            for verb in ("grade", "list"):
                for warm in (False, True):
                    found = []
                    for _ in range(args.runs):
                        if not warm:
                            shutil.rmtree(data / "eval-grades", ignore_errors=True)
                        found.append(measured([*pawl, verb, *there], 0))
                    seconds = [each[0] for each in found]
                    shown = min(seconds), statistics.median(seconds), max(seconds)
                    told = " / ".join(f"{value:.2f}" for value in shown)
                    peak = max(each[1] for each in found)
                    name = f"`eval {verb}`, {cases} cases, {records:,} records"
                    print(f"| {name}, {'warm' if warm else 'cold'} | {told} | {peak:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
