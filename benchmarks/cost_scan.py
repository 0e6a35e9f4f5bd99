"""Measure `pawl cost` beside ccusage on one generated tree, and check both answers.

    npm install --no-save --prefix benchmarks
    python benchmarks/make_transcripts.py /tmp/tree --size-mb 200
    python benchmarks/cost_scan.py /tmp/tree --runs 9

The commands take turns (A B C A B C ...) so that a busy machine slows all of them alike.
CPU seconds are user plus system time of the process and its children: the figure to
compare when the machine is shared. Every answer is checked against truth.json.
Exit status: 0 all measured and every pawl answer exact, 1 a pawl answer was wrong, 2 a
command could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
CCUSAGE = HERE / "node_modules" / "@ccusage" / "ccusage-linux-x64" / "bin" / "ccusage"
CCUSAGE_ARGUMENTS = ("claude", "daily", "--json", "--offline", "-z", "UTC")

# How pawl is called, and where its answer stands. Every row of PAWL_ROWS holds the keys of
# PAWL_FIELDS, directly or below PAWL_USAGE; a list of rows may also be the whole document.
PAWL = (sys.executable, "-m", "pawl")
PAWL_ARGUMENTS = ("cost", "--by", "day,model", "--since", "2000-01-01", "--json")
PAWL_ROWS = "rows"
PAWL_USAGE = "usage"
PAWL_DAY, PAWL_MODEL = "day", "model"
PAWL_FIELDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")

# What both tools can tell apart: ccusage reports one number for all cache writes.
COMMON = ("input", "cache_read", "cache_write", "output")

Json = dict[str, object]
Counts = dict[str, int]
Rows = dict[tuple[str, str], Counts]  # by (day, model)


class Unusable(Exception):
    """A tool gave no answer that could be read."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command used."""

    cpu: float
    wall: float
    rss_mib: float


@dataclass(slots=True)
class Contender:
    """One command in the comparison, with its measurements and its last answer."""

    name: str
    argv: tuple[str, ...]
    fields: tuple[str, ...]
    costs: list[Cost] = field(default_factory=list)
    rows: Rows = field(default_factory=dict)
    wrong_runs: int = 0
    failure: str = ""


def run(argv: Iterable[str], env: Mapping[str, str]) -> tuple[Cost, bytes]:
    """Run a command to its end; the resources are its own and its children's."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(
            list(argv), env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            last = err.read().decode(errors="replace").strip().splitlines()[-1:]
            raise Unusable(f"exit {process.returncode}: {''.join(last)}")
        cost = Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)
        return cost, out.read()


# -- reading answers ---------------------------------------------------------------------


def _add(rows: Rows, key: tuple[str, str], counts: Counts) -> None:
    known = rows.setdefault(key, dict.fromkeys(counts, 0))
    for name, value in counts.items():
        known[name] += value


def ccusage_rows(answer: bytes) -> Rows:
    names = ("inputTokens", "cacheReadTokens", "cacheCreationTokens", "outputTokens")
    rows: Rows = {}
    for day in json.loads(answer)["daily"]:
        for model in day["modelBreakdowns"]:
            counts = {ours: model[theirs] for ours, theirs in zip(COMMON, names, strict=True)}
            _add(rows, (day["date"], model["modelName"]), counts)
    return rows


def pawl_rows(answer: bytes) -> Rows:
    document = json.loads(answer)
    listed = document if isinstance(document, list) else document.get(PAWL_ROWS)
    if not isinstance(listed, list):
        raise Unusable(f"no list {PAWL_ROWS!r} in the answer")
    rows: Rows = {}
    for row in listed:
        usage = row.get(PAWL_USAGE, row)
        try:
            counts = {name: int(usage[name]) for name in PAWL_FIELDS}
            key = str(row[PAWL_DAY]), str(row[PAWL_MODEL])
        except KeyError as missing:
            raise Unusable(f"a row has no {missing}") from None
        if any(counts.values()):
            _add(rows, key, counts)
    return rows


def true_rows(truth: Json, fields: tuple[str, ...]) -> Rows:
    """The right answer for Claude's part of the tree, in the fields that a tool reports."""
    agents = truth["agents"]
    assert isinstance(agents, dict)
    rows: Rows = {}
    for day, models in agents["claude"]["by_day_model"].items():
        for model, tokens in models.items():
            both = tokens["cache_write_5m"] + tokens["cache_write_1h"]
            counts = {**tokens, "cache_write": both}
            rows[day, model] = {name: counts[name] for name in fields}
    return rows


def totals(rows: Rows, fields: tuple[str, ...]) -> Counts:
    return {name: sum(counts[name] for counts in rows.values()) for name in fields}


# -- measuring ---------------------------------------------------------------------------


class Arena:
    """Runs the contenders in turn on one tree."""

    def __init__(self, tree: Path, scratch: Path) -> None:
        self.tree, self.scratch = tree, scratch
        self.truth: Json = json.loads((tree / "truth.json").read_text())
        self.ccusage = Contender("ccusage", (str(CCUSAGE), *CCUSAGE_ARGUMENTS), COMMON)
        pawl = (*PAWL, *PAWL_ARGUMENTS)
        self.cold = Contender("pawl, cold", pawl, PAWL_FIELDS)
        self.again = Contender("pawl, nothing changed", pawl, PAWL_FIELDS)
        self.home = scratch / "home"
        self.home.mkdir()

    @property
    def contenders(self) -> tuple[Contender, ...]:
        return self.ccusage, self.cold, self.again

    def _environment(self, data: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        source = str(HERE.parent / "src")
        return kept | {
            "CLAUDE_CONFIG_DIR": str(self.tree),
            "HOME": str(self.home),
            "PAWL_DATA": str(data),
            "PYTHONPATH": source,
        }

    def round(self, number: int, *, keep: bool) -> None:
        """Each contender once; `again` finds the data directory that `cold` has filled."""
        data = self.scratch / f"data-{number}"
        data.mkdir()
        for contender in self.contenders:
            if not contender.failure:
                self._measure(contender, self._environment(data), keep=keep)

    def _measure(self, contender: Contender, env: Mapping[str, str], *, keep: bool) -> None:
        try:
            cost, answer = run(contender.argv, env)
            contender.rows = (
                ccusage_rows(answer) if contender is self.ccusage else pawl_rows(answer)
            )
        except (Unusable, OSError, ValueError, KeyError) as problem:
            contender.failure = str(problem) or type(problem).__name__
            return
        if contender.rows != true_rows(self.truth, contender.fields):
            contender.wrong_runs += 1
        if keep:
            contender.costs.append(cost)


# -- reporting ---------------------------------------------------------------------------


def _spread(values: list[float], digits: int) -> str:
    shown = min(values), statistics.median(values), max(values)
    return " / ".join(f"{value:.{digits}f}" for value in shown)


def cost_table(arena: Arena, megabytes: float) -> list[str]:
    lines = [
        "| command | CPU s (min / median / max) | wall s | peak RSS MiB | MB per CPU s |"
        " CPU as a share of ccusage's, pairwise median |",
        "|---|---|---|---|---|---|",
    ]
    for contender in arena.contenders:
        if contender.failure:
            lines.append(f"| {contender.name} | not measured: {contender.failure} | | | | |")
            continue
        cpu = [cost.cpu for cost in contender.costs]
        wall = [cost.wall for cost in contender.costs]
        rss = [cost.rss_mib for cost in contender.costs]
        pairs = [mine / theirs.cpu for mine, theirs in zip(cpu, arena.ccusage.costs, strict=False)]
        ratio = f"{statistics.median(pairs):.3f}" if pairs else "-"
        lines.append(
            f"| {contender.name} | {_spread(cpu, 3)} | {_spread(wall, 3)} | {_spread(rss, 0)} |"
            f" {megabytes / statistics.median(cpu):.0f} | {ratio} |"
        )
    return lines


def answer_table(arena: Arena) -> list[str]:
    lines = [
        "| command | bucket | answer | truth | deviation |",
        "|---|---|---|---|---|",
    ]
    for contender in arena.contenders:
        if contender.failure:
            continue
        truth = true_rows(arena.truth, contender.fields)
        right, told = totals(truth, contender.fields), totals(contender.rows, contender.fields)
        for name in contender.fields:
            off = told[name] - right[name]
            share = f" ({100 * off / right[name]:+.3f} %)" if right[name] and off else ""
            text = f"{off:+d}{share}" if off else "exact"
            lines.append(f"| {contender.name} | {name} | {told[name]} | {right[name]} | {text} |")
        keys = set(truth) | set(contender.rows)
        wrong = sum(truth.get(key) != contender.rows.get(key) for key in keys)
        text = f"{wrong} wrong" if wrong else "all exact"
        if contender.wrong_runs:
            text += f"; the answer was wrong in {contender.wrong_runs} runs"
        lines.append(f"| {contender.name} | days x models | | {len(truth)} | {text} |")
    return lines


def report(arena: Arena, runs: int) -> str:
    size = arena.truth["size"]
    assert isinstance(size, dict)
    megabytes = size["bytes"] / 1e6
    head = (
        f"{megabytes:.1f} MB in {size['files']} files, {size['lines']} lines; {runs} runs of"
        f" each after one warm-up, interleaved; {os.cpu_count()} CPUs; made with"
        f" {json.dumps(arena.truth['made_with'])}."
    )
    return "\n".join([head, "", *cost_table(arena, megabytes), "", *answer_table(arena)])


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure pawl cost beside ccusage.")
    parser.add_argument("tree", type=Path, help="a tree made by make_transcripts.py")
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args(argv)
    if CCUSAGE.exists():
        CCUSAGE.chmod(0o755)  # the package leaves this to its launcher
    with tempfile.TemporaryDirectory(prefix="cost-scan-") as scratch:
        arena = Arena(args.tree.resolve(), Path(scratch))
        for number in range(args.runs + 1):
            arena.round(number, keep=number > 0)
        print(report(arena, args.runs))
    if arena.cold.wrong_runs or arena.again.wrong_runs:
        return 1
    return 2 if any(contender.failure for contender in arena.contenders) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
