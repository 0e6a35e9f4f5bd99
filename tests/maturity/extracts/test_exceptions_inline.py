"""What is read of findings set aside, in registers and in code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.exceptions_inline import EXTRACT, read_exceptions
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.set_aside import REGISTERS, SetAside


@pytest.mark.parametrize(
    ("line", "tool", "rule"),
    [
        ("run(x)  # nosec B602", "bandit or gosec", "B602"),
        ("eval(x) // nosemgrep: js.eval", "semgrep", "js.eval"),
        ('key = "x"  # gitleaks:allow', "gitleaks", ""),
        ('key = "x"  # pragma: allowlist secret', "detect-secrets", ""),
        ("# checkov:skip=CKV_AWS_20: public on purpose", "checkov", "CKV_AWS_20"),
        ("#tfsec:ignore:aws-s3-enable-versioning", "tfsec", "aws-s3-enable-versioning"),
        ("- uses: a/b@v1 # zizmor: ignore[unpinned-uses]", "zizmor", "unpinned-uses"),
        ("x()  # noqa: E501, S603", "ruff", "s603"),
        ("x() //nolint:errcheck,gosec", "golangci-lint", "gosec"),
        ("x(); // NOSONAR", "sonar", ""),
        ('@SuppressFBWarnings("SQL")', "spotbugs", "SQL"),
    ],
)
def test_a_mark_in_a_comment_is_an_exception(line: str, tool: str, rule: str) -> None:
    """Each scanner's own mark counts, with the rule it names."""
    path = "infra/main.tf" if tool in ("checkov", "tfsec", "zizmor") else "src/a.py"
    read = read_exceptions(path, f"first\n{line}\n")
    assert read is not None
    assert not read.register
    assert [(each.tool, each.rule, each.line) for each in read.found] == [(tool, rule, 2)]


@pytest.mark.parametrize(
    "text",
    ["mark = 'nosec'", "def nosecond(): pass  # nosecond", "x()  # noqa: E501", "NOSEC_MARK = 1"],
)
def test_a_word_outside_a_comment_is_none(text: str) -> None:
    """A scanner's own code speaks of its marks without setting anything aside."""
    assert read_exceptions("src/a.py", text) is None


def test_an_inline_end_is_a_day_behind_a_word_of_ending() -> None:
    """`until` and `expires` end an exception; a bare day does not."""
    text = "a() # nosec until 2026-12-01\nb() # nosec expires: 2026-12-02\nc() # nosec 2026-12-03\n"
    read = read_exceptions("src/a.py", text)
    assert read is not None
    assert [each.ends for each in read.found] == ["2026-12-01", "2026-12-02", None]


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (
            ".trivyignore",
            "# why\nCVE-1 exp:2026-12-01\nCVE-2\n",
            [("trivy", "CVE-1", "2026-12-01", True), ("trivy", "CVE-2", None, False)],
        ),
        (
            ".trivyignore.yaml",
            "vulnerabilities:\n- {id: CVE-1, expired_at: 2026-12-01, statement: unused}\n",
            [("trivy", "CVE-1", "2026-12-01", True)],
        ),
        (
            ".snyk",
            "ignore:\n  SNYK-1:\n  - '*': {reason: r, expires: 2026-12-01T00:00:00Z}\n",
            [("snyk", "SNYK-1", "2026-12-01", True)],
        ),
        (
            "osv-scanner.toml",
            '[[IgnoredVulns]]\nid = "GO-1"\nignoreUntil = 2026-12-01T00:00:00Z\nreason = "r"\n',
            [("osv-scanner", "GO-1", "2026-12-01", True)],
        ),
        (
            "deny.toml",
            '[advisories]\nignore = ["RUSTSEC-1", { id = "RUSTSEC-2", reason = "r" }]\n',
            [("cargo", "RUSTSEC-1", None, False), ("cargo", "RUSTSEC-2", None, True)],
        ),
        (
            ".grype.yaml",
            "ignore:\n- vulnerability: CVE-1\n  reason: r\n",
            [("grype", "CVE-1", None, True)],
        ),
        ("vex.json", '{"statements": [{"status": "affected"}]}', []),
        (
            "vex/a.json",
            '{"vulnerabilities": [{"id": "CVE-1", "analysis": {"state": "not_affected"}}]}',
            [("vex", "CVE-1", None, False)],
        ),
        (
            "suppression.xml",
            '<s><suppress until="2026-12-01Z"><notes>n</notes><cve>CVE-1</cve></suppress></s>',
            [("dependency-check", "CVE-1", "2026-12-01", True)],
        ),
        (
            ".pawl/exemptions.yaml",
            "exemptions:\n- {criterion: c, expires: '2026-12-01', reason: r, renewals: 2}\n",
            [("pawl", "c", "2026-12-01", True)],
        ),
    ],
)
def test_a_register_gives_its_entries(
    path: str, text: str, found: list[tuple[str, str, str | None, bool]]
) -> None:
    """Every format tells the rule, the end and whether a reason stands beside."""
    read = read_exceptions(path, text)
    assert read is not None
    assert read.register
    assert [(each.tool, each.rule, each.ends, each.reasoned) for each in read.found] == found
    assert read.count == len(found)


@pytest.mark.parametrize("path", ["osv-scanner.toml", ".snyk", "vex.json"])
def test_a_broken_register_says_so(path: str) -> None:
    """What cannot be read is a problem, never an empty list."""
    read = read_exceptions(path, "[[broken: {")
    assert read is not None
    assert read.problem
    assert read.found == ()


def test_letters_that_grow_when_lowered_move_nothing() -> None:
    """A mark is found behind letters of other alphabets, on its own line."""
    read = read_exceptions("src/a.py", "x = '\u0130\u0130'\ny()  # nosec B1\n")
    assert read is not None
    assert [(each.rule, each.line) for each in read.found] == [("B1", 2)]


def test_fixtures_and_foreign_code_are_passed() -> None:
    """What tests read and what others wrote sets nothing aside here."""
    assert EXTRACT.wants(TreeFile("src/a.py", 10, "b"))
    assert EXTRACT.wants(TreeFile(".trivyignore", 10, "b"))
    assert not EXTRACT.wants(TreeFile("node_modules/x/a.js", 10, "b"))
    assert not EXTRACT.wants(TreeFile("docs/a.md", 10, "b"))
    assert EXTRACT.wants(TreeFile(".github/workflows/ci.yml", 10, "b"))
    assert not EXTRACT.wants(TreeFile("vendor/x/main.tf", 10, "b"))


def test_many_marks_are_counted_beyond_those_told() -> None:
    """The number is right even where not each is told."""
    read = read_exceptions("src/a.py", "x() # nosec\n" * 500)
    assert read is not None
    assert read.count == 500
    assert len(read.found) == 200
    assert read.found[-1] == SetAside(tool="bandit or gosec", line=200)


@given(st.text(max_size=200), st.sampled_from([*REGISTERS, "vex.json", "a.py", "a.tf"]))
def test_any_text_is_read(text: str, path: str) -> None:
    """No text raises, in a register or in code."""
    read_exceptions(path, text)
    read_exceptions(path, f"# nosec {text}")
