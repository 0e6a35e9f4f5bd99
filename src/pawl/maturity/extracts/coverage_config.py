"""Read coverage settings: the share below which a build fails, and what is left out of it.

Reads `.coveragerc`, `setup.cfg`, `tox.ini`, `pyproject.toml` and the JavaScript runners' own files.
A floor of zero, or an omission of everything, is told as what it is.
"""

from typing import Any

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.config_text import ini, jsonc, table, toml, words, yaml
from pawl.parsing.languages import basename, is_fixture, is_foreign

MAX_OMITTED = 100
_SCRIPTS = regex(r"(?:jest|vitest|vite)\.config\.[cm]?[jt]s")
_NAMES = frozenset(
    {
        ".coveragerc",
        "pyproject.toml",
        "setup.cfg",
        "tox.ini",
        "pytest.ini",
        "codecov.yml",
        ".codecov.yml",
        "codecov.yaml",
        "package.json",
        ".nycrc",
        ".nycrc.json",
        ".c8rc.json",
        "jest.config.json",
        ".simplecov",
    }
)
_COV_OPTION = regex(r"--cov-fail-under[=\s]+(\d+(?:\.\d+)?)")
_SCRIPT_LIMIT = regex(r"\b(?:lines|statements|branches|functions)\s*:\s*(\d+(?:\.\d+)?)")
_SCRIPT_OMIT = regex(
    r"(?:coveragePathIgnorePatterns|\bcoverage\b[^\]]{0,400}?\bexclude)\s*:\s*\[([^\]]{0,4000})\]"
)
_QUOTED = regex(r"[\"']([^\"'\n]{1,200})[\"']")
_SIMPLECOV = regex(r"\bminimum_coverage\s*\(?\s*(?:line:\s*)?(\d+(?:\.\d+)?)")
_EVERYTHING = frozenset({"*", "**", "**/*", ".", "./", "/", ".*", "*/*"})


class CoverageConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One file's coverage settings.

    `fail_under` is the percentage below which the build fails, None where none is set; zero can
    never fail. `omit` are the patterns left out of the count, `omits_all` says that one of them
    takes everything. `exclude_lines` is how many patterns of lines are not counted.
    """

    tool: str
    fail_under: float | None = None
    omit: tuple[str, ...] = ()
    omits_all: bool = False
    exclude_lines: int = 0


def _wants(file: TreeFile) -> bool:
    name = basename(file.path)
    return (
        (name in _NAMES or _SCRIPTS.fullmatch(name) is not None)
        and not is_foreign(file.path)
        and not is_fixture(file.path)
    )


def read_coverage_config(path: str, text: str) -> CoverageConfig | None:
    """Return a file's coverage settings, or None when it has none."""
    name = basename(path)
    if name == ".simplecov":
        limit = _SIMPLECOV.search(text[:100_000])
        return _settings("simplecov", limit[1] if limit else None, ())
    if _SCRIPTS.fullmatch(name):
        return _script(text[:200_000])
    if name in (".coveragerc", "setup.cfg", "tox.ini", "pytest.ini"):
        return _from_ini(ini(text) or {})
    if name == "pyproject.toml":
        return _from_pyproject(toml(text) or {})
    if name.endswith((".yml", ".yaml")):
        return _codecov(yaml(text, path))
    return _from_json(name, jsonc(text))


def _settings(
    tool: str, fail_under: Any, omit: tuple[str, ...], exclude_lines: int = 0
) -> CoverageConfig:
    return CoverageConfig(
        tool=tool,
        fail_under=_percent(fail_under),
        omit=omit[:MAX_OMITTED],
        omits_all=not _EVERYTHING.isdisjoint(omit),
        exclude_lines=exclude_lines,
    )


def _percent(value: Any) -> float | None:
    """Return a percentage from 0 to 100, or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(str(value).strip().rstrip("%"))
    except ValueError:
        return None
    return number if 0 <= number <= 100 else None


def _from_ini(sections: dict[str, dict[str, str]]) -> CoverageConfig | None:
    run = sections.get("run") or sections.get("coverage:run") or {}
    report = sections.get("report") or sections.get("coverage:report") or {}
    pytest = sections.get("tool:pytest") or sections.get("pytest") or {}
    option = _COV_OPTION.search(pytest.get("addopts", ""))
    if not run and not report and not option:
        return None
    return _settings(
        "coverage.py",
        option[1] if option else report.get("fail_under"),
        words(run.get("omit")) + words(report.get("omit")),
        len([line for line in report.get("exclude_lines", "").splitlines() if line.strip()]),
    )


def _from_pyproject(config: dict[str, Any]) -> CoverageConfig | None:
    run = table(config, "tool", "coverage", "run")
    report = table(config, "tool", "coverage", "report")
    addopts = table(config, "tool", "pytest", "ini_options").get("addopts", "")
    option = _COV_OPTION.search(" ".join(words(addopts)))
    if not run and not report and not option:
        return None
    excluded = words(report.get("exclude_lines")) + words(report.get("exclude_also"))
    return _settings(
        "coverage.py",
        option[1] if option else report.get("fail_under"),
        words(run.get("omit")) + words(report.get("omit")),
        len(excluded),
    )


def _codecov(config: Any) -> CoverageConfig | None:
    if not isinstance(config, dict):
        return None
    project = table(config, "coverage", "status", "project")
    target = table(project, "default").get("target", project.get("target"))
    return _settings("codecov", target, words(config.get("ignore")))


def _from_json(name: str, config: Any) -> CoverageConfig | None:
    if not isinstance(config, dict):
        return None
    if name in (".nycrc", ".nycrc.json", ".c8rc.json"):
        return _istanbul(config)
    if name == "package.json":
        if "nyc" in config or "c8" in config:
            return _istanbul(table(config, "nyc") or table(config, "c8"))
        config = table(config, "jest")
    limits = table(config, "coverageThreshold", "global")
    omit = words(config.get("coveragePathIgnorePatterns"))
    if not limits and not omit:
        return None
    return _settings("jest", _lowest(limits), omit)


def _istanbul(config: dict[str, Any]) -> CoverageConfig:
    checked = config.get("check-coverage") is True
    return _settings("istanbul", _lowest(config) if checked else None, words(config.get("exclude")))


def _lowest(limits: dict[str, Any]) -> float | None:
    named = (limits.get(name) for name in ("lines", "statements", "branches", "functions"))
    found = [percent for each in named if (percent := _percent(each)) is not None]
    return min(found, default=None)


def _script(text: str) -> CoverageConfig | None:
    if "coverage" not in text:
        return None
    limits = [float(each) for each in _SCRIPT_LIMIT.findall(text)]
    omit = tuple(
        pattern for group in _SCRIPT_OMIT.findall(text) for pattern in _QUOTED.findall(group)
    )
    if not limits and not omit:
        return None
    return _settings("jest", min(limits, default=None), omit)


EXTRACT = Extract(
    version=1,
    kind=CoverageConfig,
    wants=_wants,
    read=read_coverage_config,
    names=_NAMES,
    suffixes=frozenset({".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"}),
)
