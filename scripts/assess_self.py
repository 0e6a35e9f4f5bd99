"""Assess this repository by its own evidence: reports of the tests, canaries of the gates.

    assess_self.py [REPORT...] [--run ID] [--page] [--no-canaries]

REPORT is a JUnit report of a test run. `--run` names the CI run that made it on this very checkout;
only CI can say so, and without it a report is bound to no commit and proves little. Everything
handed over is left in `.venv/evidence`; the records live in a throw-away folder, so nothing counts
as seen to hold for long. `--page` also writes docs/maturity-of-pawl.md.

Exit status: that of `pawl assess --require eng.L1` (3 when nothing could be assessed), or that of
`pawl canary` where a gate of ours did not refuse its fault.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pawl.maturity.canary import FILE, load_canaries

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = ROOT / ".venv" / "evidence"
PAGE = ROOT / "docs" / "maturity-of-pawl.md"
CANARIES = "canaries.jsonl"
NOTE = "<!-- Written by `make assess` (scripts/assess_self.py); do not edit. -->"

ABOUT = """\
Pawl assesses its own repository in CI, with the evidence that CI has made and with no favours. This
is the report as it came out. A level is modest here for a plain reason: a checkout proves little.
There is no export of a code host, no deployment and no incident record, so most of what higher
levels ask for is *unknown*, which blocks and blames nobody. The records were made anew for it, so
nothing counts as having held for long.
"""
STEPS = """\
The least work to the next level of each dimension, in person-days as each probe declares them
(`pawl cheapest-path`). Work on what is unknown may turn out to be handing over an export, so its
effort is an upper bound.
"""


def main(arguments: Sequence[str]) -> int:
    """Gather evidence, assess, print, and perhaps write the page."""
    asked = _parser().parse_args(arguments)
    shutil.rmtree(EVIDENCE, ignore_errors=True)
    EVIDENCE.mkdir(parents=True)
    told = hand_over(asked.reports, EVIDENCE, commit=clean_commit(), run=asked.run)
    with tempfile.TemporaryDirectory(prefix="pawl-self-") as data:
        pawl = _Pawl({**os.environ, "PAWL_DATA": data})
        canaries = 0
        if not asked.no_canaries:
            canaries = pawl.show("canary", "--evidence", str(EVIDENCE / CANARIES))
            planted = load_canaries((ROOT / FILE).read_text(), place=FILE).canaries
            told.append(refused(EVIDENCE / CANARIES, len(planted)))
        assessed = ["assess", str(ROOT), "--evidence", str(EVIDENCE)]
        status = pawl.show(*assessed, "--require", "eng.L1")
        if asked.page and status in (0, 1):
            report = pawl.tell(*assessed, "--no-record", "--format", "markdown")
            assessment = json.loads(pawl.tell(*assessed, "--no-record", "--json"))
            PAGE.write_text(page(report, assessment, _paths(pawl, assessment), told))
            print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return status or canaries


def hand_over(
    reports: Sequence[Path], folder: Path, *, commit: str | None, run: str | None
) -> list[str]:
    """Copy reports into a folder with a `pawl.exports/1` file that says what they are of.

    Returns a sentence for each. Without a run, or with a checkout that is no commit (`commit` is
    None), nothing is said of them but their time.
    """
    files: dict[str, dict[str, str]] = {}
    sentences = []
    for report in reports:
        shutil.copyfile(report, folder / report.name)
        at = datetime.fromtimestamp(report.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        files[report.name] = {"at": at}
        of = "a run by hand, bound to no commit"
        if run and commit:
            files[report.name] |= {"commit": commit, "run": run}
            of = f"CI run {run} on {commit[:12]}"
        sentences.append(f"{report.name}: {of}.")
    told = {"schema": "pawl.exports/1", "files": files}
    (folder / "exports.json").write_text(json.dumps(told, indent=1) + "\n")
    return sentences


def refused(canaries: Path, planted: int) -> str:
    """Return a sentence about how many of the faults planted a gate is proved to have refused."""
    drills = [json.loads(line) for line in canaries.read_text().splitlines()[1:]]
    bitten = sum(drill["succeeded"] for drill in drills)
    return f"{canaries.name}: {bitten} of {planted} faults planted were refused by their gate."


def clean_commit() -> str | None:
    """Return the commit that is checked out, or None where files differ from it."""
    if _git("status", "--porcelain").strip():
        return None
    return _git("rev-parse", "HEAD").strip()


def page(
    report: str,
    assessment: Mapping[str, Any],
    paths: Sequence[Mapping[str, Any]],
    evidence: Sequence[str],
) -> str:
    """Return the page: what was handed over, the report as Pawl prints it, and the next steps."""
    models = ", ".join(f"{each['model']} {each['version']}" for each in assessment["models"])
    body = report.partition("\n")[2].strip("\n")
    return "\n".join(
        [
            "# The maturity of Pawl itself",
            "",
            NOTE,
            "",
            *ABOUT.splitlines(),
            "",
            f"Models: {models}.",
            "",
            "Evidence handed over beside the checkout:",
            "",
            *([f"- {each}" for each in evidence] or ["- None."]),
            "",
            body,
            "",
            "## Next steps",
            "",
            *STEPS.splitlines(),
            "",
            "| Dimension | From | To | Person-days | First |",
            "|---|---|---|---|---|",
            *(_step(each) for each in paths),
            "",
        ]
    )


def _step(path: Mapping[str, Any]) -> str:
    name = f"{path['model']}.{path['dimension']}"
    if not path["reachable"]:
        return f"| {name} | L{path['measured']} | L{path['target']} | - | not reachable here |"
    least, most = path["days_at_least"], path["days_at_most"]
    days = f"{least:g}" if least == most else f"{least:g} to {most:g}"
    first = path["steps"][0]["remedy"] if path["steps"] else "wait"
    return f"| {name} | L{path['measured']} | L{path['target']} | {days} | {first} |"


def _paths(pawl: "_Pawl", assessment: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for model in assessment["models"]:
        for dimension in model["dimensions"]:
            name = f"{model['model']}.{dimension['id']}"
            found.append(json.loads(pawl.tell("cheapest-path", name, str(ROOT), "--json")))
    return found


class _Pawl:
    """The pawl command, in an environment of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def show(self, *arguments: str) -> int:
        """Run a command with its output shown, and return its exit status."""
        sys.stdout.flush()
        return subprocess.run(self._argv(arguments), env=self._environment, cwd=ROOT).returncode

    def tell(self, *arguments: str) -> str:
        """Return what a command prints; 0 and 1 are answers, anything else ends the script."""
        ran = subprocess.run(
            self._argv(arguments),
            env=self._environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        if ran.returncode not in (0, 1):
            raise SystemExit(ran.returncode)
        return ran.stdout

    @staticmethod
    def _argv(arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "pawl", *arguments]


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Assess this repository by its own evidence.")
    parser.add_argument("reports", nargs="*", type=Path)
    parser.add_argument("--run")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--no-canaries", action="store_true")
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
