"""Tricks about CI, gates, pins, locks and deployments."""

from tests.maturity.potemkin.repositories import Stage
from tests.maturity.potemkin.staged import PROJECT
from tests.maturity.potemkin.tricks import trick

GATES = ("tier3.ci-cd.L2.pipelines", "eng.delivery.L3.integration", "eng.code.L2.basic-ci")
BUILT = ("eng.delivery.L2.built", "tier3.ci-cd.L2.pipelines")
REPRODUCIBLE = ("eng.delivery.L3.reproducible", "eng.reliability.L2.operable")
PINNED = ("eng.security.L2.pinned", "eng.security.L3.pinned")


def _lock(stage: Stage, text: str) -> None:
    """Let the one manifest have this lock, and nothing else stand in the way."""
    del stage.files["requirements.txt"], stage.files["Dockerfile"]
    stage.files["uv.lock"] = text


def _ci(stage: Stage, steps: str, *, on: str = "[push, pull_request]", head: str = "") -> None:
    stage.files[".github/workflows/ci.yml"] = (
        f"name: CI\non: {on}\n{head}jobs:\n  quality:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v4\n" + steps
    )
    stage.files["pyproject.toml"] = PROJECT.replace(
        "line-length = 100\n", 'line-length = 100\n\n[tool.ruff.lint]\nselect = ["E", "F"]\n'
    )


@trick(*GATES)
def gate_ends_with_status_zero(stage: Stage) -> None:
    """The gates are told to end with status zero."""
    _ci(stage, "      - run: ruff check --exit-zero .\n      - run: pytest || exit 0\n")


@trick(*GATES)
def gate_switches_errors_off(stage: Stage) -> None:
    """The script switches errors off before its gates, and ends well."""
    _ci(
        stage,
        "      - run: |\n          set +e\n          ruff check .\n          pytest\n        "
        "  echo done\n",
    )


@trick(*GATES)
def gate_is_piped(stage: Stage) -> None:
    """The gates' output goes through a pipe whose end never fails."""
    _ci(
        stage,
        "      - shell: sh\n        run: ruff check . | tee lint.log\n"
        "      - shell: sh\n        run: pytest | tee test.log\n",
    )


@trick(*GATES)
def gate_may_fail(stage: Stage) -> None:
    """Each gate's step may fail."""
    _ci(
        stage,
        "      - run: ruff check .\n        continue-on-error: true\n"
        "      - run: pytest\n        continue-on-error: true\n",
    )


@trick(*GATES)
def gate_is_switched_off(stage: Stage) -> None:
    """Each gate's step has a condition that never holds."""
    _ci(
        stage,
        "      - run: ruff check .\n        if: false\n      - run: pytest\n        if: ${{ "
        "false }}\n",
    )


@trick(*GATES)
def gate_hides_in_a_target(stage: Stage) -> None:
    """CI calls make targets that hide the failure."""
    _ci(stage, "      - run: make lint\n      - run: make test\n")
    stage.files["Makefile"] = "lint:\n\t-ruff check .\ntest:\n\tpytest || true\n"


@trick(*GATES)
def gate_is_an_echo(stage: Stage) -> None:
    """CI prints the gates' commands and good news."""
    _ci(stage, '      - run: echo "ruff check ."\n      - run: echo "pytest, 400 passed"\n')


@trick(*GATES)
def gate_is_trapped(stage: Stage) -> None:
    """A trap turns any failure of the script into success."""
    _ci(
        stage,
        '      - run: |\n          trap "exit 0" EXIT\n          ruff check .\n          pytest\n',
    )


@trick(*GATES)
def gate_is_asked_and_told(stage: Stage) -> None:
    """A failing gate prints a warning."""
    _ci(
        stage,
        "      - run: if ! ruff check .; then echo warning; fi\n"
        "      - run: if ! pytest; then echo warning; fi\n",
    )


@trick(*GATES)
def gate_runs_in_the_background(stage: Stage) -> None:
    """The gates run in the background and nobody waits for them."""
    _ci(stage, "      - run: |\n          ruff check . &\n          pytest &\n          sleep 1\n")


@trick(*GATES)
def gate_counts_nothing(stage: Stage) -> None:
    """The gates only list what they would do."""
    _ci(stage, "      - run: ruff --version\n      - run: pytest --collect-only\n")


@trick(*BUILT)
def workflow_never_starts(stage: Stage) -> None:
    """The gates bite in a workflow that only a person starts."""
    _ci(stage, "      - run: ruff check .\n      - run: pytest\n", on="workflow_dispatch")


@trick(*BUILT)
def workflow_watches_a_dead_branch(stage: Stage) -> None:
    """The gates bite on a branch that nobody uses."""
    _ci(
        stage,
        "      - run: ruff check .\n      - run: pytest\n",
        on="{push: {branches: [legacy-1999]}}",
    )


@trick("eng.delivery.L2.built")
def workflow_watches_documents_only(stage: Stage) -> None:
    """The gates bite on changes of documents alone."""
    _ci(
        stage,
        "      - run: ruff check .\n      - run: pytest\n",
        on="{push: {paths: [docs/never/**]}}",
    )


@trick(*PINNED)
def pins_are_comments(stage: Stage) -> None:
    """Actions are pinned to a digest in a comment."""
    stage.files[".github/workflows/ci.yml"] = stage.files[".github/workflows/ci.yml"].replace(
        "actions/checkout@v4", "actions/checkout@v4 # 11bd71901bbe5b1630ceea73d27597364c9af683"
    )


@trick(*PINNED)
def pins_are_zeros(stage: Stage) -> None:
    """Actions and images are pinned to digests that nobody made."""
    stage.files[".github/workflows/ci.yml"] = stage.files[".github/workflows/ci.yml"].replace(
        "actions/checkout@v4", f"actions/checkout@{'0' * 40}"
    )
    stage.files["Dockerfile"] = f"FROM python@sha256:{'0' * 64}\nCOPY . .\n"


@trick(*REPRODUCIBLE)
def lock_is_not_used(stage: Stage) -> None:
    """A lock is committed, and CI installs without it."""
    _ci(stage, "      - run: pip install httpx\n      - run: pytest || true\n")
    _lock(
        stage,
        'version = 1\n\n[[package]]\nname = "httpx"\nversion = "0.28.1"\n'
        'source = { registry = "https://pypi.org/simple" }\n\n'
        '[[package]]\nname = "potemkin"\nversion = "1.0.0"\nsource = { editable = "." }\n'
        'dependencies = [{ name = "httpx" }]\n',
    )


@trick(*REPRODUCIBLE)
def lock_is_of_something_else(stage: Stage) -> None:
    """A lock of another project is committed, and CI installs with it."""
    _ci(stage, "      - run: uv sync --locked\n      - run: pytest || true\n")
    _lock(
        stage,
        'version = 1\n\n[[package]]\nname = "leftpad"\nversion = "1.0.0"\n'
        'source = { registry = "https://pypi.org/simple" }\n',
    )


@trick(*REPRODUCIBLE)
def lock_is_empty(stage: Stage) -> None:
    """An empty lock is committed, and CI installs with it."""
    _ci(stage, "      - run: uv sync --locked\n      - run: pytest || true\n")
    _lock(stage, "version = 1\n")


@trick("eng.security.L3.tokens", "tier3.ci-cd.L2.pipelines")
def tokens_are_least_at_the_top_only(stage: Stage) -> None:
    """The workflow reads only, and its one job writes everything."""
    stage.files[".github/workflows/ci.yml"] = stage.files[".github/workflows/ci.yml"].replace(
        "jobs:\n  quality:\n",
        "permissions: read-all\njobs:\n  quality:\n    permissions: write-all\n",
    )


@trick("eng.delivery.L2.documented", "ops.overall.L2.procedures", "eng.reliability.L2.operable")
def deployment_document_is_of_elsewhere(stage: Stage) -> None:
    """The deployment's page tells at length how another project is deployed."""
    stage.files["docs/runbooks/deploy.md"] = (
        "# Deploying\n\nOwner: @platform/deployers\n\nTo deploy the storefront, log in to the jump "
        "host and make sure that nobody else is deploying. Announce the deployment in the channel "
        "of the storefront. Run the script below and watch the graphs for ten minutes afterwards. "
        "When anything looks odd, roll back with the second script.\n\n```sh\n"
        "bash deploy/storefront/up.sh\nbash deploy/storefront/down.sh\nmake storefront\n```\n"
    )


@trick("eng.delivery.L3.deployment", "eng.delivery.L4.lead-time", "eng.delivery.L4.failures")
def deployments_are_committed(stage: Stage) -> None:
    """A log of a hundred perfect deployments is committed as evidence."""
    lines = [
        '{"kind": "export", "schema": "pawl.operations/1", "complete_since": '
        '"2026-01-01T00:00:00Z", "covers": ["deploys"]}'
    ]
    lines += [
        f'{{"kind": "deploy", "id": "d{month}-{day}", "at": "2026-{month:02}-{day:02}T10:00:00Z", '
        '"actor": "pipeline", "outcome": "succeeded", "rework": false, '
        f'"commit": "{month:02}{day:02}{"a" * 36}"}}'
        for month in range(6, 12)
        for day in range(1, 21)
    ]
    stage.files[".pawl/evidence/operations.jsonl"] = "\n".join(lines) + "\n"


@trick("eng.delivery.L4.flags")
def flags_never_end(stage: Stage) -> None:
    """Flags have an owner and an end in the far future."""
    stage.files["flags.yaml"] = "flags:\n" + "".join(
        f"  - name: flag_{number}\n    owner: '@nobody'\n    expires: 2099-12-31\n"
        for number in range(12)
    )
