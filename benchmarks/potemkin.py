"""Play every trick against Pawl, weigh the honest corpus, and write the tables of the docs.

    python benchmarks/potemkin.py            print the tables
    python benchmarks/potemkin.py --write    write them into docs/potemkin.md

Everything happens in a temporary folder and needs git and no network; it takes half a minute. The
same repositories are part of the everyday tests, which fail where a trick gets through.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.maturity.honest.bench import Weighed, weigh  # noqa: E402
from tests.maturity.honest.honest import honest  # noqa: E402
from tests.maturity.potemkin.bench import TRICKS, Played, play  # noqa: E402

from pawl.maturity.evidence import Record  # noqa: E402

PAGE = ROOT / "docs" / "potemkin.md"
BEGIN, END = "<!-- begin results -->\n", "<!-- end results -->\n"


def main() -> int:
    """Play, weigh, and print or write; return 1 where a trick got through."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="write the tables into the page")
    asked = parser.parse_args()
    played, weighed = _played(), _weighed()
    text = results(played, weighed)
    if asked.write:
        page = PAGE.read_text()
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(before + BEGIN + text + END + after)
    else:
        print(text)
    through = [each.trick.name for each in played if not each.is_stopped or each.highest > 1]
    for name in through:
        print(f"got through: {name}", file=sys.stderr)
    return 1 if through else 0


def results(played: list[Played], weighed: list[Weighed]) -> str:
    """Return both tables as Markdown."""
    denied = sum(each.denied for each in played)
    caught = sum(bool(each.caught) for each in played)
    noticed = sum(bool(each.noted) for each in played)
    flagged = sum(len(each.flagged) for each in weighed)
    met, criteria = sum(each.met for each in weighed), sum(each.all for each in weighed)
    codes = Counter(code for each in played for code in each.noted)
    lines = [
        "",
        f"- Tricks played: {len(played)}. Highest level reached in any dimension of any model: "
        f"{max(each.highest for each in played)}.",
        f"- Denied, as the evidence is not deep enough or says no: {denied}. Credit removed by "
        f"a detector: {caught}. Noticed by a detector: {noticed}. Got through: "
        f"{sum(not each.is_stopped for each in played)}.",
        f"- Honest repositories: {len(weighed)}, with {criteria:,} criteria judged, {met} of them "
        f"met. From {flagged} a detector took credit ({flagged / max(met, 1):.1%} of what is met).",
        "- Detectors that noticed, by tricks: "
        + ", ".join(f"{code} {times}" for code, times in sorted(codes.items()))
        + ".",
        "",
        "| trick | what it does | verdicts on what it is after | removed credit | noticed |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(each) for each in sorted(played, key=lambda each: each.trick.name)]
    lines += [
        "",
        "| honest repository | criteria met | flagged |",
        "|---|---:|---:|",
        *(f"| {each.name} | {each.met} | {len(each.flagged)} |" for each in weighed),
        "",
    ]
    return "\n".join(lines)


def _row(each: Played) -> str:
    verdicts = Counter(str(verdict) for verdict in each.aims.values())
    told = ", ".join(f"{name} {times}" for name, times in sorted(verdicts.items()))
    if each.refused:
        told = "the definition is refused"
    return (
        f"| {each.trick.name} | {each.trick.what} | {told} | {', '.join(each.caught) or '-'} "
        f"| {', '.join(each.noted) or '-'} |"
    )


def _played() -> list[Played]:
    found = []
    for trick in TRICKS.values():
        with tempfile.TemporaryDirectory(prefix="pawl-potemkin-") as folder:
            found.append(play(trick, Path(folder)))
    return found


def _weighed() -> list[Weighed]:
    found: list[Weighed] = []
    others: dict[str, tuple[Record, ...]] = {}
    for name, stage in honest().items():
        with tempfile.TemporaryDirectory(prefix="pawl-honest-") as folder:
            found.append(weigh(name, stage, Path(folder), others))
        others[f"repo:{name}"] = found[-1].records
    return found


if __name__ == "__main__":
    sys.exit(main())
