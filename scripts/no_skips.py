"""Fail when a test report holds a skipped test, or no test at all.

A skipped test is a check that did not run, and a check that did not run is not green.
"""

import sys
import xml.etree.ElementTree as ElementTree


def main(paths: list[str]) -> int:
    """Return 0 when every JUnit report ran tests and skipped none."""
    wrong: list[str] = []
    for path in paths:
        cases = list(ElementTree.parse(path).iter("testcase"))
        if not cases:
            wrong.append(f"{path}: no test ran")
        for case in cases:
            skipped = case.find("skipped")
            if skipped is not None:
                name = f"{case.get('classname')}.{case.get('name')}"
                wrong.append(f"{path}: {name} was skipped: {skipped.get('message')}")
    print("\n".join(wrong) or "no test was skipped", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
