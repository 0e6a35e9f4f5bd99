"""CI files: what they would run, and which failure would count."""

from textwrap import dedent

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.workflow import EXTRACT, Job, Step, Workflow
from pawl.maturity.facts.tree import TreeFile

CI = ".github/workflows/ci.yml"


def _read(text: str, path: str = CI) -> Workflow:
    found = EXTRACT.read(path, dedent(text))
    assert isinstance(found, Workflow)
    return found


def _step(body: str, **job: str) -> Step:
    """Return the one step of a workflow whose step is written as flow YAML."""
    more = "".join(f"\n    {key.replace('_', '-')}: {value}" for key, value in job.items())
    text = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest{more}\n    steps:\n      - {body}\n"
    return _read(text).jobs[0].steps[0]


def _gates(command: str) -> list[tuple[str, bool]]:
    step = _step("run: " + msgspec.json.encode(command).decode())
    return [(gate.gate, gate.swallowed is None) for gate in step.gates]


@pytest.mark.parametrize(
    ("command", "gates"),
    [
        ("pytest -q", [("test", True)]),
        ("python -m pytest", [("test", True)]),
        ("uv run --frozen pytest", [("test", True)]),
        ("timeout 10m npx --yes eslint .", [("lint", True)]),
        ("coverage run -m pytest", [("test", True)]),
        ("poetry run mypy src", [("type", True)]),
        ("FOO=1 ./node_modules/.bin/tsc --noEmit", [("type", True)]),
        ("go test ./...", [("test", True)]),
        ("cargo +nightly clippy -- -D warnings", [("lint", True)]),
        ("cargo fmt --all -- --check", [("lint", True)]),
        ("black --check .", [("lint", True)]),
        ("bash -ec 'ruff check .; pytest'", [("lint", True), ("test", True)]),
        ("find . -name '*.sh' -print0 | xargs -0 shellcheck", [("lint", True)]),
        ("make -j4 test", [("test", True)]),
        ("npm t", [("test", True)]),
        ("pnpm run -r lint", [("lint", True)]),
        ("tox -e ${{ matrix.env }}", [("test", True)]),
        ("tox run -e lint", [("lint", True)]),
        ("./gradlew check", [("test", True)]),
        ("docker run --rm -v x:/y image pytest -q", [("test", True)]),
        ("./ci/run-tests.sh", [("test", True)]),
        ("trivy image --exit-code 1 x", [("security", True)]),
        ("pytest || pytest --last-failed", [("test", True), ("test", True)]),
        ("bash -c 'pytest; echo done'", [("test", False)]),
        ("pytest || true", [("test", False)]),
        ("ruff check --exit-zero .", [("lint", False)]),
        ("make -i test", [("test", False)]),
        ("mvn verify -Dmaven.test.failure.ignore=true", [("test", False)]),
        ("golangci-lint run --issues-exit-code 0", [("lint", False)]),
        ("pytest --collect-only", []),
        ("pytest --version", []),
        ("black .", []),
        ("ruff format", []),
        ("trivy image x", []),
        ("trivy image --exit-code 0 x", [("security", False)]),
        ("npm run test:report", []),
        ("make install-test-deps", []),
        ("pip install pytest", []),
        ("go test -run=^$ ./...", []),
        ("cargo test --no-run", []),
        ("echo pytest", []),
        ("grep pytest requirements.txt", []),
        ("test -f x", []),
        ("pre-commit install", []),
    ],
)
def test_a_command_is_taken_for_what_it_checks(command: str, gates: list[tuple[str, bool]]) -> None:
    """Gates are known through wrappers, shells and tasks; what checks nothing is none."""
    assert _gates(command) == gates


@pytest.mark.parametrize(
    ("body", "job", "counts"),
    [
        ("{run: pytest | tee x}", {}, False),
        ("{run: pytest | tee x, shell: bash}", {}, True),
        ("{run: \"pytest\\necho\", shell: 'bash {0}'}", {}, False),
        ("{run: \"pytest\\necho\", shell: 'bash -el {0}'}", {}, True),
        ("{run: \"pytest | tee x\", shell: 'bash -eo pipefail {0}'}", {}, True),
        ("{run: pytest | tee x}", {"defaults": "{run: {shell: bash}}"}, True),
        ("{run: pytest, continue-on-error: true}", {}, False),
        ("{run: pytest, continue-on-error: '${{ true }}'}", {}, False),
        ("{run: pytest, continue-on-error: '${{ matrix.x }}'}", {}, True),
        ("{run: pytest, if: false}", {}, False),
        ("{run: pytest, if: '${{ always() }}'}", {}, True),
        ("{uses: golangci/golangci-lint-action@v6}", {}, True),
        ("{uses: golangci/golangci-lint-action@v6, with: {args: --issues-exit-code=0}}", {}, False),
        ("{uses: nick-fields/retry@v3, with: {command: pytest}}", {}, True),
    ],
)
def test_a_step_counts_by_its_shell_and_its_keys(
    body: str, job: dict[str, str], counts: bool
) -> None:
    """GitHub's default shell has no pipefail; a step's own keys can hide everything it does."""
    step = _step(body, **job)
    assert step.gate is not None
    assert (step.swallowed is None) is counts


def test_a_workflow_says_who_it_is_for() -> None:
    """Triggers, permissions, environments and images are told; `on` is a word, not a boolean."""
    found = _read(
        """\
        name: CI
        on:
          push: {branches: [main]}
          pull_request:
        permissions: read-all
        env: {A: "1"}
        jobs:
          test:
            name: Tests
            runs-on: [self-hosted, linux]
            needs: build
            permissions: {contents: write}
            container: python:3.12
            services: {db: {image: "postgres:16"}}
            environment: {name: staging}
            timeout-minutes: 10
            continue-on-error: true
            steps:
              - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
              - name: unit
                run: |
                  echo start
                  pytest
          call:
            uses: o/r/.github/workflows/x.yml@v1
            secrets: inherit
        """
    )
    assert (found.product, found.triggers) == ("github", ("push", "pull_request"))
    assert found.filters == {"push.branches": ("main",)}
    assert found.permissions == {"*": "read"}
    assert found.on_changes
    job, call = found.jobs
    assert job.permissions == {"contents": "write"}
    assert job.images == ("python:3.12", "postgres:16")
    assert (job.environment, job.runs_on, job.needs) == ("staging", "self-hosted linux", ("build",))
    assert (job.timeout_minutes, job.continue_on_error, job.blocks) == (10, True, False)
    checkout, unit = job.steps
    assert checkout.ref == "11bd71901bbe5b1630ceea73d27597364c9af683"
    assert (unit.gate, unit.gates[0].line) == ("test", 23)
    assert (call.uses, call.ref) == ("o/r/.github/workflows/x.yml", "v1")
    assert call.inherits_secrets


@pytest.mark.parametrize(
    ("body", "product", "turns", "minutes", "structured", "supervised"),
    [
        ("{run: claude -p hi}", "claude-code", None, None, False, False),
        ("{run: 'timeout 5m claude -p hi --max-turns 3 --output-format json'}",
         "claude-code", 3, 5, True, False),
        ("{run: 'pawl run --max-usd 2 --timeout 10m -- codex exec --json hi'}",
         "codex", None, 10, True, True),
        ("{run: gemini -p hi, timeout-minutes: 7}", "gemini-cli", None, 7, False, False),
        ("{uses: anthropics/claude-code-action@v1, with: {claude_args: --max-turns 4}}",
         "claude-code", 4, None, False, False),
        ("{run: 'npx -y @anthropic-ai/claude-code@2.1.329 -p hi --max-turns 3'}",
         "claude-code", 3, None, False, False),
        ("{run: '\"$work/bin/pawl\" review --base a --head b --max-turns 9 --timeout 5m'}",
         "pawl", 9, 5, False, True),
    ],
)  # fmt: skip
def test_an_agent_is_seen_with_its_limits(
    body: str,
    product: str,
    turns: int | None,
    minutes: float | None,
    structured: bool,
    supervised: bool,
) -> None:
    """A headless agent is told by its command or action, and so are the limits it was given."""
    call = _step(body).agent
    assert call is not None
    assert (call.product, call.max_turns, call.timeout_minutes) == (product, turns, minutes)
    assert (call.structured, call.supervised) == (structured, supervised)


@pytest.mark.parametrize(
    "command",
    ["pawl review post review.json", "pawl review --help", "pawl lint", "npx eslint@9 -p"],
)
def test_what_runs_no_agent_is_none(command: str) -> None:
    """Posting a review, asking for help and packages of other programs run no agent."""
    assert _step(f"{{run: '{command}'}}").agent is None


def test_an_agent_whose_failure_is_hidden_says_so() -> None:
    """The exit status of an agent that is thrown away is no exit status."""
    call = _step("{run: 'claude -p hi > out.json || true'}").agent
    assert call is not None
    assert call.swallowed


@pytest.mark.parametrize(
    ("command", "manager", "frozen"),
    [
        ("npm ci", "npm", True),
        ("npm install", "npm", False),
        ("yarn install --immutable", "yarn", True),
        ("uv sync --locked", "uv", True),
        ("uv sync", "uv", False),
        ("uv run --locked pytest", "uv", True),
        ("pip install --require-hashes -r r.txt", "pip", True),
        ("pip install -r r.txt", "pip", False),
        ("poetry install", "poetry", True),
    ],
)
def test_an_install_takes_the_lock_or_not(command: str, manager: str, frozen: bool) -> None:
    """Installers differ in whether they change the lock; a tool installed by name is none."""
    (found,) = _step(f"run: {command}").installs
    assert (found.manager, found.frozen) == (manager, frozen)
    assert _step("run: pip install tox").installs == ()


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ("{run: kubectl apply -f x}", "kubernetes"),
        ("{run: make deploy}", "deploy"),
        ("{run: gh release create v1}", "release"),
        ("{uses: pypa/gh-action-pypi-publish@v1}", "pypi"),
        ("{run: kubectl apply --dry-run=server -f x}", None),
        ("{run: gh release view v1}", None),
        ("{run: terraform plan}", None),
    ],
)
def test_a_delivery_has_a_target(body: str, target: str | None) -> None:
    """What a step delivers to is told; rehearsals and queries deliver nothing."""
    assert _step(body).deploys == target


def _gitlab(text: str) -> dict[str, Job]:
    return {job.id: job for job in _read(text, ".gitlab-ci.yml").jobs}


def test_gitlab_jobs_are_put_together() -> None:
    """`default`, `extends`, anchors, `!reference` and hidden jobs are put together."""
    jobs = _gitlab(
        """\
        default: {image: "python:3.12"}
        variables: {A: "1"}
        .base: &base
          before_script: [pip install tox]
          script: [tox]
        test:
          extends: .base
        anchored:
          <<: *base
          allow_failure: true
        referenced:
          image: {name: "alpine:3"}
          script:
            - !reference [.base, script]
            - pytest | tee log
          rules:
            - if: $CI_PIPELINE_SOURCE == "merge_request_event"
        never:
          script: [pytest]
          rules: [{when: never}]
        manual:
          script: [kubectl apply -f x]
          when: manual
          environment: production
        """
    )
    assert set(jobs) == {"test", "anchored", "referenced", "never", "manual"}
    assert jobs["test"].steps[0].gate == "test"
    assert jobs["test"].images == ("python:3.12",)
    assert not jobs["anchored"].blocks
    assert [gate.swallowed for gate in jobs["referenced"].steps[0].gates] == [None, None]
    assert jobs["never"].never
    assert jobs["manual"].manual
    assert (jobs["manual"].environment, jobs["manual"].steps[0].deploys) == (
        "production",
        "kubernetes",
    )


def test_gitlab_events_follow_the_rules() -> None:
    """A job without rules runs on every push; one with rules says what it waits for."""
    found = _read("a: {script: [pytest]}\n", ".gitlab-ci.yml")
    assert found.triggers == ("push",)
    assert found.on_changes


def test_a_composite_action_is_read() -> None:
    """The steps of a composite action are judged as a job's are; other actions are left out."""
    text = "runs: {using: composite, steps: [{run: pytest, shell: bash}]}\n"
    found = _read(text, "tools/action.yml")
    assert found.product == "github-action"
    assert found.jobs[0].steps[0].gate == "test"
    assert EXTRACT.read("action.yml", "runs: {using: node20, main: x.js}\n") is None


def test_a_script_that_cannot_be_followed_earns_nothing() -> None:
    """A step whose shell text is broken says so and has no gate."""
    step = _step('run: "pytest \'"')
    assert step.problem
    assert step.gates == ()


@pytest.mark.parametrize(
    "text",
    ["a: [", "a: &a [*a, *a]\n", "x: " + "[" * 200, "jobs: {a: {}, a: {}}"],
)
def test_a_file_that_cannot_be_read_says_so(text: str) -> None:
    """Broken YAML, bombs and twins are no workflow, and never an exception."""
    assert _read(text).problem


def test_an_alias_bomb_is_refused() -> None:
    """A document that expands without end is refused before it does."""
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert _read("\n".join(lines) + "\n").problem


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (CI, True),
        (".github/workflows/deep/ci.yml", False),
        ("vendor/x/.github/workflows/ci.yml", False),
        (".gitlab-ci.yml", True),
        (".gitlab/ci/build.yml", True),
        (".github/actions/x/action.yaml", True),
        ("docs/ci.yml", False),
    ],
)
def test_only_files_that_a_product_reads_are_wanted(path: str, wanted: bool) -> None:
    """Workflows of vendored projects do not run here."""
    assert EXTRACT.wants(TreeFile(path, 10, "b")) is wanted


@given(st.text(), st.sampled_from([CI, ".gitlab-ci.yml", "action.yml"]))
def test_no_text_breaks_it(text: str, path: str) -> None:
    """Any text is read, refused or left out."""
    EXTRACT.read(path, text)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["on", "jobs", "steps", "run", "uses", "if", "with", "env", "shell", "defaults", "runs",
             "script", "extends", "rules", "when", "image", "services", "container", "a", "include",
             "permissions", "using", "needs", "environment", "default", "before_script"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(_VALUES, st.sampled_from([CI, ".gitlab-ci.yml", "action.yml"]))
def test_no_shape_breaks_it(value: object, path: str) -> None:
    """Known keys with values of any shape are read or left out, and what comes out can be kept."""
    found = EXTRACT.read(path, msgspec.json.encode(value).decode())
    if found is not None:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Workflow) == found
