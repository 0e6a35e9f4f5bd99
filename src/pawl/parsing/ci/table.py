"""Which commands check something, by program: the table that gates are recognised with.

Source: each tool's own manual for its exit status and flags, read 2026-11. A program is listed
with the gate it is, or with the subcommands that make it one. Where a flag decides whether the
program fails at all, `NEEDS` and `HOLLOW` say so.
"""

from types import MappingProxyType

from pawl.parsing.ci.pipeline import Gate


def _all(gate: Gate, names: str) -> dict[str, Gate]:
    return dict.fromkeys(names.split(), gate)


_PROGRAMS: dict[str, Gate] = {
    **_all("test", "pytest py.test nosetests nose2 trial behave stestr zope-testrunner ctest"),
    **_all("test", "jest vitest mocha ava tap jasmine karma cypress playwright wdio c8 nyc"),
    **_all("test", "rspec minitest cucumber phpunit pest paratest codecept bats busted prove"),
    **_all("test", "gotestsum ginkgo richgo cargo-nextest exunit shellspec runtests roundup"),
    **_all("lint", "ruff flake8 pylint pycodestyle pydocstyle eslint tslint standard xo jshint"),
    **_all("lint", "stylelint markdownlint markdownlint-cli2 mdl golangci-lint staticcheck"),
    **_all("lint", "golint revive errcheck shellcheck hadolint yamllint actionlint rubocop"),
    **_all("lint", "standardrb phpcs php-cs-fixer pint ktlint detekt swiftlint clang-tidy"),
    **_all("lint", "cppcheck cpplint checkpatch.pl ansible-lint tflint buf vale codespell typos"),
    **_all("lint", "pre-commit prek credo luacheck selene hlint scalafmt lychee knip"),
    **_all("lint", "lint-imports commitlint editorconfig-checker misspell deptry vulture oxlint"),
    **_all("type", "mypy pyright basedpyright pyre pytype tsc vue-tsc ty pyrefly phpstan psalm"),
    **_all("type", "sorbet flow mypy-baseline dialyzer dmypy"),
    **_all("security", "bandit pip-audit safety gitleaks trufflehog detect-secrets govulncheck"),
    **_all("security", "gosec osv-scanner brakeman bundler-audit bundle-audit cargo-audit"),
    **_all(
        "security",
        "cargo-deny zizmor ggshield checkov tfsec kubesec snyk semgrep trivy grype nancy",
    ),
    **_all("build", "webpack rollup esbuild ninja"),
}
PROGRAMS = MappingProxyType(_PROGRAMS)
"""Programs that are a gate whatever their arguments, unless a table below objects."""

_SUBCOMMANDS: dict[str, dict[str, Gate]] = {
    "go": {"test": "test", "vet": "lint", "build": "build"},
    "pawl": {"lint": "agents", "eval": "agents"},
    "cargo": {
        "test": "test",
        "nextest": "test",
        "clippy": "lint",
        "fmt": "lint",
        "deny": "security",
        "audit": "security",
        "check": "type",
        "build": "build",
    },
    "cross": {"test": "test", "build": "build"},
    "dotnet": {"test": "test", "build": "build", "format": "lint"},
    "mix": {
        "test": "test",
        "credo": "lint",
        "format": "lint",
        "dialyzer": "type",
        "compile": "build",
    },
    "swift": {"test": "test", "build": "build"},
    "xcodebuild": {"test": "test", "build": "build"},
    "flutter": {"test": "test", "analyze": "lint", "build": "build"},
    "dart": {"test": "test", "analyze": "lint", "format": "lint"},
    "deno": {"test": "test", "lint": "lint", "fmt": "lint", "check": "type"},
    "bun": {"test": "test", "build": "build"},
    "node": {"--test": "test"},
    "zig": {"test": "test", "build": "build"},
    "stack": {"test": "test", "build": "build"},
    "cabal": {"test": "test", "build": "build"},
    "dune": {"test": "test", "runtest": "test", "build": "build"},
    "lein": {"test": "test"},
    "sbt": {"test": "test", "compile": "build"},
    "forge": {"test": "test", "fmt": "lint", "build": "build"},
    "meson": {"test": "test", "compile": "build"},
    "bazel": {"test": "test", "build": "build"},
    "bazelisk": {"test": "test", "build": "build"},
    "mvn": {"test": "test", "verify": "test", "package": "build", "compile": "build"},
    "mvnw": {"test": "test", "verify": "test", "package": "build", "compile": "build"},
    "ant": {"test": "test"},
    "molecule": {"test": "test"},
    "helm": {"lint": "lint", "test": "test"},
    "terraform": {"validate": "lint", "fmt": "lint", "test": "test"},
    "tofu": {"validate": "lint", "fmt": "lint", "test": "test"},
    "ng": {"test": "test", "lint": "lint", "build": "build"},
    "nx": {"test": "test", "lint": "lint", "build": "build", "affected": "test"},
    "biome": {"check": "lint", "ci": "lint", "lint": "lint", "format": "lint"},
    "next": {"lint": "lint", "build": "build"},
    "vite": {"build": "build"},
    "svelte-check": {"": "type"},
    "docker": {"build": "build", "bake": "build"},
    "uv": {"build": "build", "audit": "security"},
    "poetry": {"build": "build", "check": "lint"},
    "twine": {"check": "build"},
    "composer": {"audit": "security", "validate": "lint"},
    "npm": {"audit": "security"},
    "pnpm": {"audit": "security"},
    "yarn": {"audit": "security"},
    "semgrep": {"ci": "security"},
    "conftest": {"test": "security"},
    "opa": {"test": "test"},
    "coverage": {"report": "test"},
    "unittest": {"": "test"},
}
SUBCOMMANDS = MappingProxyType(
    {program: MappingProxyType(table) for program, table in _SUBCOMMANDS.items()}
)
"""Programs that are a gate by their first argument; `""` stands for none or any."""

FORMATTERS = MappingProxyType(
    {
        "black": ("--check", "--diff"),
        "isort": ("--check", "--check-only", "-c", "--diff"),
        "prettier": ("--check", "-c", "--list-different", "-l"),
        "dprint": ("check",),
        "rustfmt": ("--check",),
        "clang-format": ("--dry-run", "-n", "--Werror"),
        "gofumpt": ("-d", "-l"),
        "shfmt": ("-d", "--diff", "-l"),
        "yapf": ("--diff", "-d", "--quiet"),
        "autopep8": ("--exit-code",),
        "ruff format": ("--check", "--diff"),
        "cargo fmt": ("--check", "--all -- --check"),
        "dotnet format": ("--verify-no-changes",),
        "mix format": ("--check-formatted",),
        "dart format": ("--set-exit-if-changed",),
        "deno fmt": ("--check",),
        "forge fmt": ("--check",),
        "terraform fmt": ("-check", "--check"),
        "tofu fmt": ("-check", "--check"),
        "php-cs-fixer": ("--dry-run", "check"),
        "pint": ("--test",),
        "scalafmt": ("--check", "--test"),
    }
)
"""Programs that rewrite files, and the flags with which they check instead: lint only then."""

FAILS_ONLY_WITH = MappingProxyType(
    {
        "trivy": ("--exit-code",),
        "grype": ("--fail-on", "-f"),
        "coverage report": ("--fail-under",),
        "detect-secrets": ("audit", "detect-secrets-hook"),
    }
)
"""Programs that report and end with 0 unless asked to fail: no gate without the flag."""

NOT_WITH = MappingProxyType(
    {
        "": ("--help", "-h", "--version", "-V", "version", "help", "install", "--install"),
        "pytest": ("--collect-only", "--co", "--fixtures", "--markers"),
        "cargo": ("--no-run", "--version", "install"),
        "go": ("-run=^$", "-run=XXX", "-run=NONE", "-run=none"),
        "pre-commit": ("install", "install-hooks", "autoupdate", "gc", "clean", "sample-config"),
        "prek": ("install", "install-hooks", "prepare-hooks", "autoupdate"),
        "golangci-lint": ("cache", "linters", "version"),
        "playwright": ("install", "install-deps"),
        "cypress": ("install", "verify", "cache"),
        "ruff": ("clean", "rule", "config", "linter", "server"),
        "karma": ("init",),
        "snyk": ("monitor", "auth"),
        "semgrep": ("login",),
        "trivy": ("plugin",),
        "jest": ("--listTests", "--showConfig", "--clearCache"),
        "ctest": ("-N", "--show-only"),
    }
)
"""Arguments with which a program checks nothing; under `""`, those of every program."""

HOLLOW = MappingProxyType(
    {
        "--exit-zero": "`--exit-zero` always ends with 0",
        "--exit-code=0": "`--exit-code 0` always ends with 0",
        "--exit-code 0": "`--exit-code 0` always ends with 0",
        "--issues-exit-code=0": "`--issues-exit-code=0` always ends with 0",
        "--issues-exit-code 0": "`--issues-exit-code 0` always ends with 0",
        "--soft-fail": "`--soft-fail` always ends with 0",
        "--no-fail": "`--no-fail` always ends with 0",
        "--continue-on-error": "`--continue-on-error` always ends with 0",
        "--suppress-error": "`--suppress-error` always ends with 0",
        "--suppress-errors": "`--suppress-errors` always ends with 0",
        "--ignore-failure": "`--ignore-failure` always ends with 0",
        "--fail-under=0": "a minimum of 0 is always reached",
        "--fail-under 0": "a minimum of 0 is always reached",
        "--suppress-tests-failed-exit-code": "its failures end with 0",
        "-Dmaven.test.failure.ignore": "`maven.test.failure.ignore` hides failures",
        "-Dmaven.test.failure.ignore=true": "`maven.test.failure.ignore` hides failures",
        "-DskipTests": "`skipTests` runs no test",
        "-DskipTests=true": "`skipTests` runs no test",
        "-Dmaven.test.skip=true": "`maven.test.skip` runs no test",
        "-fn": "`--fail-never` always ends with 0",
        "--fail-never": "`--fail-never` always ends with 0",
    }
)
"""Flags, alone or with their value, with which a check cannot fail."""

HOLLOW_SHORT = MappingProxyType(
    {
        "make": ("-i", "--ignore-errors", "-n", "--dry-run", "--just-print", "-t", "--touch", "-q"),
        "gmake": ("-i", "--ignore-errors", "-n", "--dry-run"),
        "tox": ("--notest", "-n", "--showconfig", "-l", "--listenvs"),
        "nox": ("-l", "--list", "--install-only"),
        "tfsec": ("-s",),
        "just": ("--list", "-l", "--dry-run", "-n", "--show"),
    }
)
"""Flags of one program with which it runs nothing or ignores what failed."""

CHECKING_ACTIONS: MappingProxyType[str, Gate] = MappingProxyType(
    {
        "golangci/golangci-lint-action": "lint",
        "pre-commit/action": "lint",
        "super-linter/super-linter": "lint",
        "github/super-linter": "lint",
        "oxsecurity/megalinter": "lint",
        "astral-sh/ruff-action": "lint",
        "chartboost/ruff-action": "lint",
        "psf/black": "lint",
        "isort/isort-action": "lint",
        "hadolint/hadolint-action": "lint",
        "crate-ci/typos": "lint",
        "codespell-project/actions-codespell": "lint",
        "ludeeus/action-shellcheck": "lint",
        "davidanson/markdownlint-cli2-action": "lint",
        "wagoid/commitlint-github-action": "lint",
        "jakebailey/pyright-action": "type",
        "cypress-io/github-action": "test",
        "helm/chart-testing-action": "lint",
        "github/codeql-action/analyze": "security",
        "actions/dependency-review-action": "security",
        "gitleaks/gitleaks-action": "security",
        "trufflesecurity/trufflehog": "security",
        "google/osv-scanner-action": "security",
        "pypa/gh-action-pip-audit": "security",
        "golang/govulncheck-action": "security",
        "securego/gosec": "security",
        "zizmorcore/zizmor-action": "security",
        "embarkstudios/cargo-deny-action": "security",
        "rustsec/audit-check": "security",
        "docker/build-push-action": "build",
    }
)
"""Actions that check something, without their version; lower case."""
