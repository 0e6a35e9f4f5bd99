"""Say from a target's or script's name which gate hides behind it: `test-unit`, `check_types`.

Conventions of names, gathered from public build files; a name that prepares or reports is none.
"""

from pawl.parsing.ci.pipeline import Gate


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


TEST = words(
    "test tests testing spec specs unit unittest unittests integration e2e pytest jest "
    "vitest coverage cov verify testsuite testall conformance regression smoke py pypy "
    "doctest doctests"
)
TARGETS: tuple[tuple[Gate, frozenset[str]], ...] = (
    ("test", TEST),
    (
        "lint",
        words(
            "lint linter linters lints linting style ruff flake8 eslint clippy vet static "
            "precommit pylint golangci golint shellcheck staticcheck"
        ),
    ),
    (
        "type",
        words("type types typecheck typing typings mypy pyright tsc typescript"),
    ),
    (
        "security",
        words("security audit bandit sast vuln vulns vulncheck govulncheck gitleaks"),
    ),
    ("build", frozenset(["build", "compile", "bundle"])),
)
NO_GATE = words(
    "install setup deps dependencies prepare clean generate gen update upload report "
    "publish fix up down start stop data fixtures image images env init download login "
    "push deploy release tools docker cache restore build-deps requirements bootstrap "
    "summary badge results"
)
"""Parts of a target's name that say that it prepares or reports and checks nothing."""
GENERIC = frozenset({"check", "checks", "ci", "validate", "all", "default", "qa", "quality"})


def _parts(target: str) -> list[str]:
    for sign in "-_:./@":
        target = target.replace(sign, " ")
    return [part.rstrip("0123456789") or part for part in target.lower().split()]


def _without_variables(target: str) -> str:
    """Return what a target's name says for certain: `$PYTHON-mypy` says `mypy`."""
    for opening, closing in (("${{", "}}"), ("$(", ")"), ("${", "}"), ("`", "`")):
        while opening in target:
            before, _, rest = target.partition(opening)
            _, closed, after = rest.partition(closing)
            target = f"{before} {after}" if closed else before
    return " ".join(part for part in target.replace("-", " ").split() if part[0] != "$")


def target_gate(target: str) -> Gate | None:
    """Return the gate that a target's or a script's name speaks of, or None."""
    parts = _parts(_without_variables(target))
    checks = bool({"check", "checks"} & set(parts))
    if set(parts) & NO_GATE:
        return None
    if "format" in parts or "fmt" in parts or "prettier" in parts:
        return "lint" if checks or "lint" in parts else None
    for part in parts:
        for gate, names in TARGETS:
            if part in names:
                return gate
    if parts and set(parts) <= GENERIC and checks:
        return "test"
    return None
