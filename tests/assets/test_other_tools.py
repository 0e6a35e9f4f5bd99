"""Other tools' findings: read within bounds, kept inside the tree, ours first where both tell."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assets.test_lint import TODAY, look, rule
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.app.linting import lint_rules
from pawl.assets import other_tools
from pawl.assets.lint import lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.other_tools import Merged, Told, read_actionlint, read_sarif, table
from pawl.assets.waivers import Waiver
from pawl.base.catalogue import names
from pawl.base.errors import BadFile
from pawl.base.finding import Severity

PATH = ".github/workflows/a.yml"


def result(**more: Any) -> dict[str, Any]:
    uri, line, last = more.pop("uri", PATH), more.pop("line", 2), more.pop("last", 4)
    return {
        "ruleId": "zizmor/unpinned-uses",
        "level": "error",
        "message": {"text": "not pinned"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": line, "endLine": last},
                }
            }
        ],
        **more,
    }


def log(*results: Any, name: str = "zizmor", **run: Any) -> bytes:
    tool = {"driver": {"name": name, **run.pop("driver", {})}}
    told = {"version": "2.1.0", "runs": [{"tool": tool, "results": list(results), **run}]}
    return json.dumps(told).encode()


def read(text: bytes, *paths: str, top: str = "/srv/tree") -> Merged:
    return read_sarif(text, place="z.sarif", top=top, paths=paths or (PATH,))


def test_a_finding_keeps_its_tool_and_rule() -> None:
    """The rule is the tool's, once; place and severity are in our words."""
    (told,) = read(log(result())).told
    assert (told.tool, told.rule, told.severity) == ("zizmor", "zizmor/unpinned-uses", "high")
    assert (told.path, told.line, told.last) == (PATH, 2, 4)
    assert told.message == "Not pinned."


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({"level": "note"}, Severity.LOW),
        ({"level": "none"}, Severity.INFO),
        ({"level": "warning", "properties": {"security-severity": "9.1"}}, Severity.CRITICAL),
        ({"properties": {"security-severity": 5}}, Severity.MEDIUM),
        ({"level": "note", "properties": {"security-severity": "bad"}}, Severity.LOW),
        ({"level": "note", "properties": {"security-severity": "nan"}}, Severity.LOW),
        ({"level": ""}, Severity.MEDIUM),
    ],
)
def test_severity_is_the_score_else_the_level(more: dict[str, Any], severity: Severity) -> None:
    """A score of security counts first; what says nothing is a warning, as the standard has it."""
    (told,) = read(log(result(**more))).told
    assert told.severity is severity


def test_a_rule_by_its_number_says_what_the_result_leaves_out() -> None:
    """Level, name and help come from the driver's list of rules."""
    about = {
        "id": "x/deep/one",
        "defaultConfiguration": {"level": "note"},
        "helpUri": "https://example.com/one",
    }
    given_ = result(ruleId="", ruleIndex=0, level="")
    (told,) = read(log(given_, name="My Tool!", driver={"rules": [about]})).told
    assert (told.rule, told.severity) == ("my-tool/one", Severity.LOW)
    assert told.hint == "See https://example.com/one."


@pytest.mark.parametrize(
    "uri",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "https://example.com/a.yml",
        "%2e%2e/%2e%2e/etc/passwd",
        "a\\..\\b",
        "%ff",
        "",
        ".github/workflows/gone.yml",
        "C:/x",
        "a%00b",
    ],
)
def test_a_place_outside_the_tree_is_no_finding_and_is_told_of(uri: str) -> None:
    """However a path leaves the tree, nothing is said of it but that it was there."""
    merged = read(log(result(uri=uri)))
    assert merged.told == ()
    assert merged.unseen == ("z.sarif: 1 findings are about no file of this tree.",)


@pytest.mark.parametrize(
    ("uri", "run"),
    [
        (f"file:///srv/tree/{PATH}", {}),
        (f"/srv/tree/{PATH}", {}),
        (f"./{PATH}", {}),
        (".github%2Fworkflows/a.yml", {}),
    ],
)
def test_a_place_inside_is_found_however_it_is_written(uri: str, run: dict[str, Any]) -> None:
    """Whole addresses below the tree's own folder are paths of it."""
    (told,) = read(log(result(uri=uri), **run)).told
    assert told.path == PATH


def test_what_was_no_failure_or_is_gone_is_left_out() -> None:
    """Passed checks and findings that are absent now are none; suppressed ones are."""
    merged = read(
        log(
            result(kind="pass"),
            result(kind="notApplicable"),
            result(baselineState="absent"),
            result(suppressions=[{"kind": "inSource"}], kind="fail"),
        )
    )
    assert len(merged.told) == 1


def test_a_run_that_failed_is_no_clean_bill() -> None:
    """A tool that did not end well, or has no results at all, leaves the answer open."""
    failed = read(log(invocations=[{"executionSuccessful": False}]))
    assert "did not come to its end" in failed.unseen[0]
    bare = b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}'
    assert read(bare).unseen


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": "2.0.0", "runs": []}',
        b'{"version": "2.1.0", "runs": [{}]}',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": 7}}}]}',
        b"[" * 100_000,
        b"\xff\xfe",
        b"<html>",
    ],
)
def test_what_is_no_sarif_is_refused(text: bytes) -> None:
    """The file is named, whatever it holds."""
    with pytest.raises(BadFile, match=r"z\.sarif"):
        read(text)


def test_a_giant_is_refused_and_too_many_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out in silence."""
    monkeypatch.setattr(other_tools, "MAX_TOLD", 2)
    merged = read(log(*[result(line=n) for n in range(1, 6)]))
    assert len(merged.told) == 2
    assert "3 findings beyond the first 2" in merged.unseen[0]
    monkeypatch.setattr(other_tools, "MAX_BYTES", 10)
    with pytest.raises(BadFile, match="larger"):
        read(log())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["runs", "tool", "driver", "name", "results", "level", "locations"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_anything_is_read_or_refused(value: object) -> None:
    """No value makes it fail in another way, inside a run or instead of one."""
    for text in (
        json.dumps(value),
        json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": value}]}),
    ):
        try:
            read(text.encode())
        except BadFile:
            continue


def test_actionlint_is_read_from_its_own_words() -> None:
    """Its kinds become rules; what is about another file is left out."""
    lines = [
        {
            "message": "no such key",
            "filepath": PATH,
            "line": 3,
            "column": 1,
            "kind": "syntax-check",
        },
        {"message": "SC2086", "filepath": PATH, "line": 4, "column": 1, "kind": "shellcheck"},
        {"message": "x", "filepath": "../a.yml", "line": 4, "column": 1, "kind": "x"},
    ]
    told = read_actionlint(json.dumps(lines).encode(), paths=(PATH,)).told
    assert [(t.rule, t.severity.value, t.line) for t in told] == [
        ("actionlint/syntax-check", "high", 3),
        ("actionlint/shellcheck", "medium", 4),
    ]
    assert read_actionlint(b"", paths=()).told == ()
    with pytest.raises(BadFile):
        read_actionlint(b"usage: actionlint", paths=())


def test_the_table_names_rules_that_are_ours() -> None:
    """A sin that both tell of is one of our rules, under the other tool's full name."""
    ours = set(names(pawl.assets.rules))
    for theirs, same in table().same.items():
        assert theirs.count("/") == 1
        assert set(same) <= ours
    assert {"default"} <= set(table().actionlint)


def told(**more: Any) -> Told:
    known: dict[str, Any] = {
        "tool": "zizmor",
        "rule": "zizmor/x",
        "severity": Severity.HIGH,
        "path": "CLAUDE.md",
        "line": 2,
        "last": 2,
        "message": "It is so.",
    }
    return Told(**{**known, **more})


def test_merged_findings_are_judged_like_ours() -> None:
    """Waivers beside the line, the settings and the baseline hold for them; lines may move."""
    files = {"CLAUDE.md": "one\ntwo\n"}
    merged = Merged(told=(told(),), tools=("zizmor",))
    (found,) = look(files, merged=merged).findings
    assert (found.rule, found.tool, found.state, found.severity) == (
        "zizmor/x",
        "zizmor",
        "new",
        "high",
    )
    moved = Merged(told=(told(line=3, last=3),), tools=("zizmor",))
    (again,) = look({"CLAUDE.md": "zero\none\ntwo\n"}, merged=moved).findings
    assert again.fingerprint == found.fingerprint
    assert look(files, merged=merged, known=[found.fingerprint]).exit_code == 0
    allowed = {"CLAUDE.md": "<!-- pawl: allow zizmor/x because it is so -->\ntwo\n"}
    assert look(allowed, merged=merged).findings[0].state == "waived"
    off = LintSettings(off=("zizmor/x",))
    assert look(files, off, merged=merged).findings == ()
    mild = LintSettings(severity={"zizmor/x": Severity.LOW})
    assert look(files, mild, merged=merged).exit_code == 0


def test_a_waiver_of_a_tool_that_did_not_look_is_not_called_idle() -> None:
    """Whether it is needed can only be said when the tool looked."""
    settings = LintSettings(
        allow=(Waiver(rules=("zizmor/x",), path="CLAUDE.md", reason="so it is"),)
    )
    files = {"CLAUDE.md": "one\n"}
    assert look(files, settings).void == ()
    assert look(files, settings, merged=Merged(tools=("zizmor",))).void


def test_a_finding_told_twice_is_one() -> None:
    """A tool that was run and whose file was merged tells nothing twice."""
    merged = Merged(told=(told(), told()), tools=("zizmor",))
    assert len(look({"CLAUDE.md": "one\ntwo\n"}, merged=merged).findings) == 1


def test_ours_is_kept_and_theirs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """At one place and about one sin there is one finding; elsewhere both stand."""
    same = {"zizmor/x": ("bad-word",)}
    monkeypatch.setattr(
        "pawl.assets.other_tools.table", lambda: msgspec.structs.replace(table(), same=same)
    )
    files = {"CLAUDE.md": "good\nbad\ngood\ngood\n"}
    rules = {"bad-word": rule()}
    (found,) = look(files, rules=rules, merged=Merged(told=(told(line=1, last=3),))).findings
    assert (found.rule, found.also) == ("bad-word", ("zizmor/x",))
    apart = look(files, rules=rules, merged=Merged(told=(told(line=3, last=4),))).findings
    assert sorted(each.rule for each in apart) == ["bad-word", "zizmor/x"]


def test_our_own_findings_from_elsewhere_are_ours() -> None:
    """A file that another run of this lint wrote tells nothing twice."""
    mine = told(rule="pawl-lint/bad-word", tool="pawl-lint")
    (found,) = look({"CLAUDE.md": "good\nbad\n"}, merged=Merged(told=(mine,))).findings
    assert (found.rule, found.also) == ("bad-word", ("pawl-lint/bad-word",))


def test_what_is_left_open_is_no_clean_bill() -> None:
    """Something unseen ends with 3, a note does not."""
    files = {"CLAUDE.md": "good\n"}
    assert look(files, merged=Merged(notes=("x",))).exit_code == 0
    assert look(files, merged=Merged(unseen=("x",))).exit_code == 3


def test_only_what_was_asked_for_is_told_of() -> None:
    """Findings about files beyond the judged ones are left out."""
    judged = assets({"CLAUDE.md": "a\nb\n", "AGENTS.md": "a\nb\n"}, only=["AGENTS.md"])
    linted = lint(judged, lint_rules(), LintSettings(), today=TODAY, merged=Merged(told=(told(),)))
    assert linted.findings == ()
