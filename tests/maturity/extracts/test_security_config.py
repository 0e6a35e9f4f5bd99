"""How security tools are set up, and what they are told to overlook."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.security_config import EXTRACT, SecurityConfig, read_config
from pawl.maturity.facts.tree import TreeFile


def _read(path: str, text: str) -> SecurityConfig:
    read = read_config(path, text)
    assert read is not None
    return read


def test_gitleaks_tells_rules_and_allowances() -> None:
    """Rules of its own and entries of allow-lists are counted."""
    read = _read(
        ".gitleaks.toml",
        '[extend]\nuseDefault = true\n[[rules]]\nid = "x"\n'
        '[allowlist]\npaths = ["tests/.*"]\nregexes = ["EXAMPLE"]\n',
    )
    assert (read.rules, read.allowed, read.overlooks_all) == (1, 2, False)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".gitleaks.toml", ""),
        (".gitleaks.toml", '[extend]\nuseDefault = true\n[allowlist]\npaths = ["^.*$"]\n'),
        (".gitleaks.toml", '[extend]\nuseDefault = true\n[[allowlists]]\nregexes = [".+"]\n'),
        (".secrets.baseline", '{"plugins_used": [], "results": {}}'),
        (".github/dependabot.yml", "version: 2\nupdates: []\n"),
        (
            ".github/dependabot.yml",
            "updates:\n- {package-ecosystem: pip, open-pull-requests-limit: 0}\n",
        ),
        (
            ".github/dependabot.yml",
            "updates:\n- package-ecosystem: pip\n  ignore: [{dependency-name: '*'}]\n",
        ),
        ("renovate.json", '{"enabled": false}'),
        (
            "renovate.json",
            '{"extends": ["config:base"], "packageRules": '
            '[{"matchPackagePatterns": ["*"], "enabled": false}]}',
        ),
        (".gitguardian.yaml", "secret:\n  ignored_paths: ['**/*']\n"),
    ],
)
def test_a_setup_that_lets_everything_through_is_told(path: str, text: str) -> None:
    """A tool that is off, looks for nothing or overlooks all is there in name only."""
    assert _read(path, text).overlooks_all


def test_a_baseline_counts_what_it_keeps_silent_about() -> None:
    """Known findings are counted, and those nobody looked at apart."""
    read = _read(
        ".secrets.baseline",
        '{"plugins_used": [{"name": "AWSKeyDetector"}],'
        ' "results": {"a.py": [{"is_secret": false}, {"line_number": 3}]}}',
    )
    assert (read.baseline, read.unaudited, read.overlooks_all) == (2, 1, False)


def test_updates_are_counted_by_schedule() -> None:
    """Each ecosystem with a live schedule counts; comments in renovate's files are no error."""
    dependabot = "version: 2\nupdates:\n- {package-ecosystem: pip}\n- {package-ecosystem: npm}\n"
    assert _read(".github/dependabot.yml", dependabot).schedules == 2
    assert _read("renovate.json5", '// ours\n{"extends": ["config:base"]}').schedules == 1


def test_a_policy_tells_contact_and_promises() -> None:
    """SECURITY.md counts with a way to reach somebody and a time in which they answer."""
    read = _read("SECURITY.md", "Write to security@acme.io; we answer within 3 business days.")
    assert read.contact
    assert read.promises == 1
    assert not _read("SECURITY.md", "We take security seriously.").contact


def test_only_the_project_s_own_files_count() -> None:
    """A vendored project's settings guard nothing here."""
    assert EXTRACT.wants(TreeFile(".github/dependabot.yml", 10, "b"))
    assert not EXTRACT.wants(TreeFile("vendor/x/.gitleaks.toml", 10, "b"))


@pytest.mark.parametrize("path", [".gitleaks.toml", ".secrets.baseline", "renovate.json"])
def test_what_cannot_be_read_proves_nothing(path: str) -> None:
    """A broken setup says so and counts as one that lets everything through."""
    read = _read(path, "{[")
    assert read.problem
    assert read.overlooks_all


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """No text raises, whatever file it stands in."""
    for path in (
        ".gitleaks.toml",
        ".secrets.baseline",
        ".github/dependabot.yml",
        "renovate.json",
        ".gitguardian.yaml",
        ".trufflehog.yml",
        "SECURITY.md",
    ):
        assert read_config(path, text) is not None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=6,
    )
)
def test_any_shape_is_read(value: object) -> None:
    """Known keys with values of odd shape raise nothing."""

    keys = ("updates", "packageRules", "ignoreDeps", "results", "plugins_used", "filters_used")
    text = json.dumps(dict.fromkeys((*keys, "secret", "detectors", "extends"), value))
    for path in (".secrets.baseline", ".github/dependabot.yml", "renovate.json", ".trufflehog.yml"):
        assert read_config(path, text) is not None
