"""Below which share a build fails, and what is left out of the count."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.coverage_config import EXTRACT, CoverageConfig, read_coverage_config
from pawl.maturity.facts.tree import TreeFile

KNOWN = [
    (
        ".coveragerc",
        "[run]\nomit =\n    a.py\n    b/*\n[report]\nfail_under = 85\n",
        85.0,
        ("a.py", "b/*"),
    ),
    ("pyproject.toml", "[tool.coverage.report]\nfail_under = 0\n", 0.0, ()),
    ("pyproject.toml", '[tool.coverage.run]\nomit = ["tests/*"]\n', None, ("tests/*",)),
    (
        "pyproject.toml",
        '[tool.pytest.ini_options]\naddopts = "--cov --cov-fail-under=90"\n',
        90.0,
        (),
    ),
    ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["--cov-fail-under=70"]\n', 70.0, ()),
    ("setup.cfg", "[coverage:report]\nfail_under = 60\nomit = x.py\n", 60.0, ("x.py",)),
    ("pytest.ini", "[pytest]\naddopts = --cov-fail-under 50\n", 50.0, ()),
    (
        "codecov.yml",
        "coverage:\n  status:\n    project:\n      default:\n       target: 80%\nignore:\n- docs\n",
        80.0,
        ("docs",),
    ),
    (
        "codecov.yml",
        "coverage:\n  status:\n    project:\n      default:\n        target: auto\n",
        None,
        (),
    ),
    (
        "package.json",
        '{"jest": {"coverageThreshold": {"global": {"lines": 90, "branches": 70}}}}',
        70.0,
        (),
    ),
    (
        "package.json",
        '{"nyc": {"check-coverage": true, "lines": 80, "exclude": ["x"]}}',
        80.0,
        ("x",),
    ),
    (".nycrc", '{"lines": 80}', None, ()),
    (
        "jest.config.js",
        "module.exports = {coverageThreshold: {global: {lines: 75}}, "
        "coveragePathIgnorePatterns: ['/a/']}",
        75.0,
        ("/a/",),
    ),
    (
        "vitest.config.ts",
        "export default {test: {coverage: {thresholds: {lines: 65}, exclude: ['b/**']}}}",
        65.0,
        ("b/**",),
    ),
    (".simplecov", "SimpleCov.start do\n  minimum_coverage 88\nend\n", 88.0, ()),
]


@pytest.mark.parametrize(("path", "text", "fail_under", "omit"), KNOWN)
def test_limits_and_omissions_are_read(
    path: str, text: str, fail_under: float | None, omit: tuple[str, ...]
) -> None:
    """Each tool's limit and omit list are read; zero is a limit that cannot fail."""
    found = read_coverage_config(path, text)
    assert found is not None
    assert (found.fail_under, found.omit, found.omits_all) == (fail_under, omit, False)


def test_an_omit_list_that_takes_everything_says_so() -> None:
    """A pattern for every file leaves nothing to cover."""
    found = read_coverage_config(".coveragerc", "[run]\nomit = *\n")
    assert found is not None
    assert found.omits_all


def test_excluded_lines_are_counted() -> None:
    """Patterns of lines that never count are told by their number."""
    text = '[tool.coverage.report]\nexclude_also = ["pass", "raise"]\n'
    assert read_coverage_config("pyproject.toml", text) == CoverageConfig(
        tool="coverage.py", exclude_lines=2
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project]\nname = 'x'\n"),
        ("pyproject.toml", "broken ["),
        ("setup.cfg", "[metadata]\nname = x\n"),
        ("package.json", "{"),
        ("vite.config.ts", "export default {}"),
    ],
)
def test_a_file_without_coverage_settings_is_none(path: str, text: str) -> None:
    """Shared and broken files say nothing of coverage."""
    assert read_coverage_config(path, text) is None


def test_only_own_settings_are_read() -> None:
    """A vendored package's settings are its own."""
    assert EXTRACT.wants(TreeFile(".coveragerc", 1, "0"))
    assert not EXTRACT.wants(TreeFile("node_modules/x/package.json", 1, "0"))


@given(st.sampled_from(sorted({path for path, *_ in KNOWN})), st.text(max_size=200))
def test_any_text_is_read_without_raising(path: str, text: str) -> None:
    """Whatever a file holds, a limit is a percentage or unknown."""
    found = read_coverage_config(path, text)
    assert found is None or found.fail_under is None or 0 <= found.fail_under <= 100


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "jest",
                        "nyc",
                        "coverageThreshold",
                        "global",
                        "lines",
                        "check-coverage",
                        "exclude",
                    ]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_any_shape_of_values_is_read_without_raising(value: object) -> None:
    """Nor does a value of an unexpected shape in an expected place."""
    found = read_coverage_config("package.json", json.dumps(value))
    assert found is None or found.fail_under is None or 0 <= found.fail_under <= 100
