"""Generate a tree of agent transcripts whose exact bill is known.

    python benchmarks/make_transcripts.py OUT --size-mb 200 --seed 7 --projects 24 --days 30 \
        --profile clean

OUT/projects is laid out like a Claude configuration directory; with `--agents all`,
OUT/codex/sessions and OUT/gemini/tmp follow. OUT/truth.json holds the answer. The same
arguments always give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.trees.claude import ClaudeTree
from benchmarks.trees.codex import CodexTree
from benchmarks.trees.gemini import GeminiTree
from benchmarks.trees.source import Source
from benchmarks.trees.truth import Truth

PROFILES = ("clean", "edge")
AGENTS = ("claude", "all")
MEGABYTE = 1_000_000
_CODEX_SHARE, _GEMINI_SHARE = 0.12, 0.08
_NAMES = ("billing", "portal", "ingest", "search", "mobile", "infra", "docs", "labs")


def generate(
    out: Path,
    *,
    size_mb: float = 200.0,
    seed: int = 7,
    projects: int = 24,
    days: int = 30,
    profile: str = "clean",
    agents: str = "claude",
) -> Truth:
    """Write the tree below `out` (which must be empty or absent) and give its answer."""
    if profile not in PROFILES or agents not in AGENTS:
        raise ValueError(f"unknown profile {profile!r} or agents {agents!r}")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty")
    made_with: dict[str, object] = {
        "size_mb": size_mb,
        "seed": seed,
        "projects": projects,
        "days": days,
        "profile": profile,
        "agents": agents,
    }
    truth = Truth(made_with)
    source = Source(seed)
    folders = [f"/home/dev/code/{_NAMES[n % len(_NAMES)]}-{n:02d}" for n in range(projects)]
    total = int(size_mb * MEGABYTE)
    everyone = agents == "all"
    codex, gemini = (int(total * share) for share in (_CODEX_SHARE, _GEMINI_SHARE))
    claude = total - codex - gemini if everyone else total
    mean = min(29.5, max(4.0, size_mb * 1.5))  # small trees get short sessions: all kinds fit
    ClaudeTree(out, source, truth, days=days, edge=profile == "edge").fill(claude, folders, mean)
    if everyone:
        CodexTree(out, source, truth, days=days).fill(codex, folders, mean)
        GeminiTree(out, source, truth, days=days).fill(gemini, folders, mean)
    (out / "truth.json").write_text(json.dumps(truth.to_json(), indent=1) + "\n")
    return truth


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Generate a transcript tree with a known bill.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--size-mb", type=float, default=200.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--projects", type=int, default=24)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--profile", choices=PROFILES, default="clean")
    parser.add_argument("--agents", choices=AGENTS, default="claude")
    parser.add_argument("--force", action="store_true", help="replace an earlier tree at OUT")
    args = parser.parse_args(argv)
    if args.force and (args.out / "truth.json").exists():
        shutil.rmtree(args.out)
    truth = generate(
        args.out,
        size_mb=args.size_mb,
        seed=args.seed,
        projects=args.projects,
        days=args.days,
        profile=args.profile,
        agents=args.agents,
    )
    print(json.dumps({**truth.size.to_json(), **truth.everything.totals.to_json()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
