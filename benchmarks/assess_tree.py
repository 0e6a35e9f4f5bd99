"""Measure the gathering of facts from a repository or folder, cold and warm.

    python benchmarks/assess_tree.py PATH [--runs 3] [--extracts]

Each measurement is a process of its own: seconds from its first line to the gathered facts,
imports included, and the most memory it ever held. CPU seconds, with those of git and of the
second reader, are the figure to compare on a machine that is shared. Cold means that nothing was
kept from an earlier time; the operating system may still hold the files. With `--extracts` the
seconds of each extract are printed, from one more cold run.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_CHILD = """
import sys, runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="measured")
"""


def main() -> None:
    """Measure, then print one line for cold and one for warm."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("path", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--extracts", action="store_true")
    asked = parser.parse_args()
    results: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
    for _ in range(asked.runs):
        with tempfile.TemporaryDirectory(prefix="pawl-bench-") as folder:
            for state in ("cold", "warm"):
                results[state].append(_child(asked.path, Path(folder)))
    for state, measured in results.items():
        seconds = sorted(each["seconds"] for each in measured)
        memory = max(each["mib"] for each in measured)
        child = max(each["child_mib"] for each in measured)
        print(
            f"{state}: {seconds[0]:.2f} s best, {statistics.median(seconds):.2f} s median of "
            f"{len(seconds)}, {min(each['cpu'] for each in measured):.2f} CPU s with its children, "
            f"{memory:.0f} MiB; its largest child {child:.0f} MiB, "
            f"{measured[0]['files']:.0f} files, {measured[0]['read']:.0f} readings"
        )
    if asked.extracts:
        _extracts(asked.path)


def measure(path: Path, storage: Path) -> dict[str, float]:
    """Gather once in this process; return seconds, MiB and counts."""
    start = time.perf_counter()
    import pawl.maturity.extracts
    from pawl.app.surveying import surveys
    from pawl.base.catalogue import discover
    from pawl.maturity.extract import Extract
    from pawl.maturity.facts.tree import Tree
    from pawl.services.gathering import gather
    from pawl.world.clock import now
    from pawl.world.data_files import DataFiles
    from pawl.world.repository import open_tree
    from pawl.world.second_reader import SecondReader

    extracts = discover(pawl.maturity.extracts, "EXTRACT", Extract)
    files = DataFiles(storage)
    with open_tree(path) as source, SecondReader() as beside:
        told = gather(
            source, now=now(), extracts=extracts, surveys=surveys(), storage=files, beside=beside
        )
    seconds = time.perf_counter() - start
    for note in told.notes[:5]:
        print(note, file=sys.stderr)
    tree = told.facts.tree
    assert isinstance(tree, Tree), tree
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "cpu": own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
        "mib": own.ru_maxrss / 1024,
        "child_mib": others.ru_maxrss / 1024,
        "files": len(tree.files),
        "read": sum(map(len, tree.extracts.values())),
    }


def _child(path: Path, storage: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, __file__, str(path), str(storage)],
        check=True,
        stdout=subprocess.PIPE,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _extracts(path: Path) -> None:
    """Print what each extract costs: choosing its files, and reading them."""
    import pawl.maturity.extracts
    from pawl.base.catalogue import discover
    from pawl.maturity.extract import MAX_BLOB_BYTES, Extract
    from pawl.maturity.reading import chosen, unreadable
    from pawl.world.repository import open_tree

    with open_tree(path) as source:
        files = source.files()
        for name, extract in discover(pawl.maturity.extracts, "EXTRACT", Extract).items():
            start = time.perf_counter()
            looked, sampled = chosen(extract, files)
            chose = time.perf_counter() - start
            small = [file for file in looked if file.size <= MAX_BLOB_BYTES]
            contents = list(source.contents(small))
            start = time.perf_counter()
            for file, content in contents:
                if content is not None and unreadable(file, content) is None:
                    extract.read(file.path, content.decode("utf-8", "replace"))
            read = time.perf_counter() - start
            size = sum(len(content or b"") for _, content in contents)
            print(
                f"{name:18} chose {chose:5.2f} s, read {read:5.2f} s, {len(looked):5} files"
                f"{' (sample)' if sampled else ''}, {size / 1e6:.1f} MB"
            )


if __name__ == "measured":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))))
elif __name__ == "__main__":
    main()
