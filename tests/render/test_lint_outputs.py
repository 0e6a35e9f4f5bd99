"""A lint's outputs: each carries every finding, none can be broken out of, and schemas hold."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pawl.assets.lint import Found, Linted, VoidWaiver
from pawl.base.finding import Confidence, Severity
from pawl.render.lint_outputs import lint_annotations, lint_json, lint_junit
from pawl.render.lint_sarif import lint_sarif
from pawl.render.lint_text import lint_text

SCHEMAS = Path(__file__).parents[1] / "fixtures"


def found(**more: Any) -> Found:
    known: dict[str, Any] = {
        "rule": "missing-import",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "path": "docs/a b.md",
        "line": 3,
        "message": "It is not there.",
        "hint": "Mend it.",
        "fingerprint": "f" * 32,
    }
    return Found(**{**known, **more})


def linted(*findings: Found, **more: Any) -> Linted:
    known: dict[str, Any] = {"looked_at": {"memory": 2}, "rules": ("missing-import", "other")}
    return Linted(findings=findings, **{**known, **more})


FULL = linted(
    found(trail=("issues: anybody opens one", "Bash")),
    found(state="waived", reason="so it is", severity=Severity.LOW),
    found(state="known", line=None),
    unread=("big.md",),
    failed={"other": "ZeroDivisionError: x"},
    void=(VoidWaiver(path="CLAUDE.md", line=2, rules=("x-y",), why="it gives no reason"),),
    more={"missing-import": 7},
)


def test_text_tells_all_and_sums_up() -> None:
    """Place, severity, rule, path of the attack, remedy; what is hidden is counted."""
    text = lint_text(FULL)
    assert text.startswith("docs/a b.md:3: high: It is not there. [missing-import]\n    → issues:")
    for part in ("    Mend it.", "… and 7 more", "it gives no reason", "big.md: not looked at"):
        assert part in text
    assert text.endswith(
        "1 found, 1 at or above high (1 known, 1 waived); looked at 2 memory with 2 rules.\n"
    )
    assert "(waived: so it is)" in lint_text(FULL, hidden=True)
    assert "no file was looked at" in lint_text(linted(looked_at={}))


def test_json_is_one_documented_object() -> None:
    """It decodes, names its schema and holds every finding."""
    told = json.loads(msgspec.json.encode(lint_json(FULL)))
    assert told["schema"] == "pawl.lint/1"
    assert len(told["findings"]) == 3
    assert told["failing"] == 1


def test_annotations_are_one_line_each() -> None:
    """What is new is told to the code host, and what was not looked at."""
    assert lint_annotations(FULL) == (
        "::error file=docs/a b.md,line=3,title=missing-import (high)::It is not there. Mend it.\n"
        "::warning title=not looked at::big.md\n"
        "::notice title=pawl lint::… and 7 more of missing-import.\n"
    )


def test_sarif_says_what_it_could_not_look_at() -> None:
    """Suppressions carry reasons, known findings are unchanged, and the run was no success."""
    (run,) = lint_sarif(FULL, {})["runs"]
    assert [r["baselineState"] for r in run["results"]] == ["new", "new", "unchanged"]
    assert run["results"][1]["suppressions"] == [{"kind": "inSource", "justification": "so it is"}]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "docs/a%20b.md", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 3
    clean = lint_sarif(linted(), {})["runs"][0]
    assert clean["invocations"][0]["executionSuccessful"] is True


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_out(message: str, path: str) -> None:
    """Whatever files and messages say, each output stays in its form."""
    made = linted(found(message=message, path=path, hint=message, reason=message))
    assert lint_annotations(made).count("\n") == 1
    assert lint_annotations(made).startswith("::error file=")
    root = ElementTree.fromstring(lint_junit(made))
    assert len(root.findall(".//failure")) == 1
    assert all(re.fullmatch(r"[^\x00-\x1f\x7f]*", line) for line in lint_text(made).split("\n"))
    assert json.loads(msgspec.json.encode(lint_sarif(made, {})))


def test_other_tools_and_what_is_left_open_stand_in_every_output() -> None:
    """Their findings keep their names, and nothing that was not looked at is silent."""
    theirs = found(rule="zizmor/unpinned-uses", tool="zizmor")
    full = linted(
        found(also=("zizmor/x",)),
        theirs,
        tools=("zizmor",),
        unseen=("left out",),
        notes=("by the way",),
    )
    assert full.exit_code == 1
    text = lint_text(full)
    for part in ("[zizmor/unpinned-uses]", "told by zizmor/x as well", "left out", "by the way"):
        assert part in text
    assert text.endswith("with 2 rules and zizmor.\n")
    told = lint_json(full)
    assert (told["unseen"], told["notes"], told["tools"]) == (
        ("left out",),
        ("by the way",),
        ("zizmor",),
    )
    sarif = json.loads(msgspec.json.encode(lint_sarif(full, {})))
    assert [run["tool"]["driver"]["name"] for run in sarif["runs"]] == ["Pawl lint", "zizmor"]
    assert sarif["runs"][1]["results"][0]["ruleId"] == "zizmor/unpinned-uses"
    (invocation,) = sarif["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    suite = ElementTree.fromstring(lint_junit(full))
    assert [case.get("name") for case in suite.iter("testcase")] == [
        "missing-import",
        "other",
        "zizmor/unpinned-uses",
        "looked-at-everything",
    ]
    assert "::warning title=not looked at::left out" in lint_annotations(full)
    assert "by the way" in lint_annotations(full)
