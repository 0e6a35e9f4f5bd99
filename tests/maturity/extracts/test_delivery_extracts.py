"""Manifests, locks, containers, task files, flags: what they say, and that nothing breaks them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts import container, flags, lockfile, manifest, task_file
from pawl.maturity.facts.tree import TreeFile


def _manifest(path: str, text: str) -> manifest.Manifest:
    found = manifest.read(path, text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("path", "text", "pinned"),
    [
        ("requirements.txt", "Flask==3.0\nattrs>=24 ; python_version > '3'\n-r x\n# c\n",
         {"flask": True, "attrs": False}),
        ("pyproject.toml", "[project]\ndependencies = ['A_b.c[x]~=1', 'd @ https://x/y.whl']\n"
         "[dependency-groups]\ndev = ['e==1.0', {include-group = 'x'}]\n",
         {"a-b-c": False, "d": False, "e": True}),
        ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.11'\nx = '1.2.3'\n",
         {"x": True}),
        ("package.json", '{"dependencies": {"a": "^1.0.0", "@b/c": "1.2.3", "d": "workspace:*"}}',
         {"a": False, "@b/c": True, "d": True}),
        ("Cargo.toml", "[dependencies]\na = '1.2.3'\nb = '=1.2.3'\nc = {path = '../c'}\n",
         {"a": False, "b": True, "c": True}),
        ("go.mod", "module x\ngo 1.23\nrequire (\n\tGithub.com/a/b v1.0.0\n)\nrequire c v2.0.0\n",
         {"github.com/a/b": True, "c": True}),
        ("Gemfile", "ruby '3.3.0'\ngem 'rails', '~> 7'\ngem \"rack\", '3.0.1'\n",
         {"rails": False, "rack": True}),
        ("composer.json", '{"require": {"php": ">=8", "a/b": "^1.0", "c/d": "1.0.0"}}',
         {"a/b": False, "c/d": True}),
    ],
)  # fmt: skip
def test_a_manifest_says_what_it_asks_for(path: str, text: str, pinned: dict[str, bool]) -> None:
    """Names are as registries compare them; only one version that satisfies counts as pinned."""
    found = _manifest(path, text)
    assert {each.name: each.pinned for each in found.dependencies} == pinned


def test_a_manifest_knows_its_toolchain_and_digests() -> None:
    """The language's version and whether every requirement carries a digest are told."""
    assert _manifest("go.mod", "module x\ngo 1.23\n").toolchain == "1.23"
    assert _manifest(".python-version", "3.12.1\n").toolchain == "3.12.1"
    assert _manifest("requirements.txt", "a==1 \\\n  --hash=sha256:00\n").hashed
    assert not _manifest("requirements.txt", "a==1 --hash=sha256:00\nb==2\n").hashed
    assert _manifest("package.json", "{").problem


@pytest.mark.parametrize(
    ("path", "text", "packages"),
    [
        ("uv.lock", 'version = 1\n[[package]]\nname = "A_b"\nversion = "1.0"\n', ("a-b", "1.0")),
        ("poetry.lock", '[[package]]\nname = "x"\nversion = "2"\ndescription = ""\n', ("x", "2")),
        ("Cargo.lock", '[[package]]\nname = "x"\nversion = "2.0.0"\n', ("x", "2.0.0")),
        ("package-lock.json",
         '{"packages": {"": {}, "a/node_modules/@b/c": {"version": "1.0.0"}}}', ("@b/c", "1.0.0")),
        ("package-lock.json", '{"dependencies": {"b": {"version": "1.0.0"}}}', ("b", "1.0.0")),
        ("yarn.lock", '"@a/b@^1.0.0", "@a/b@^1.1.0":\n  version "1.2.0"\n', ("@a/b", "1.2.0")),
        ("yarn.lock", '__metadata:\n  version: 8\n"a@npm:^1":\n  version: 1.2.0\n', ("a", "1.2.0")),
        ("pnpm-lock.yaml", "packages:\n\n  '@a/b@1.0.0':\n    resolution: {}\n", ("@a/b", "1.0.0")),
        ("pnpm-lock.yaml", "packages:\n  /a/1.0.0:\n    dev: true\n", ("a", "1.0.0")),
        ("bun.lock", '{\n    "a": ["a@1.0.0", "", {}, "sha512-x"],\n}', ("a", "1.0.0")),
        ("go.sum", "github.com/A/b v1.0.0 h1:x=\n", ("github.com/a/b", "v1.0.0")),
        ("Gemfile.lock", "GEM\n  specs:\n    rack (3.0.1)\n      x (>= 1)\n", ("rack", "3.0.1")),
        ("Pipfile.lock", '{"default": {"a": {"version": "==1.0"}}}', ("a", "1.0")),
        ("composer.lock", '{"packages": [{"name": "a/b", "version": "1.0"}]}', ("a/b", "1.0")),
    ],
)  # fmt: skip
def test_a_lock_says_which_versions(path: str, text: str, packages: tuple[str, str]) -> None:
    """Each format of lock names its packages and versions."""
    found = lockfile.read(path, text)
    assert found is not None
    assert found.packages == (packages,)


def test_a_broken_lock_says_so() -> None:
    """A lock that does not parse is told apart from one without packages."""
    found = lockfile.read("package-lock.json", "{")
    assert found is not None
    assert found.problem


def test_a_dockerfile_names_its_images() -> None:
    """Stages are no images, build arguments are filled in, and only a digest pins."""
    digest = "sha256:" + "0a" * 32
    found = container.read(
        "Dockerfile",
        f"ARG BASE=debian:12\nFROM --platform=x {'$'}{{BASE}} AS one\nFROM one AS two\n"
        f"COPY --from=two /a /b\nCOPY --from=busybox /c /d\nFROM alpine@{digest}\nUSER app\n",
    )
    assert found is not None
    assert [(each.name, each.pinned, each.latest, each.line) for each in found.images] == [
        ("debian:12", False, False, 2),
        ("busybox", False, True, 5),
        (f"alpine@{digest}", True, False, 6),
    ]
    assert found.user == "app"


def test_a_compose_file_names_images_and_restarts() -> None:
    """What is built here is pinned by its own file; a restart policy may stand under deploy."""
    found = container.read(
        "compose.prod.yaml",
        "services:\n  a: {image: 'redis:7', restart: always}\n  b: {build: ., image: own}\n"
        "  c: {image: x, deploy: {restart_policy: {condition: on-failure}}}\n",
    )
    assert found is not None
    assert [(each.name, each.line) for each in found.images] == [("redis:7", 2), ("x", 4)]
    assert [each.restart for each in found.services] == ["always", "", "on-failure"]


def test_a_makefile_says_what_stands_behind_a_target() -> None:
    """A recipe that only prints is empty; `-` and `|| true` hide; variables are no commands."""
    found = task_file.read(
        "Makefile",
        "X := 1\n.PHONY: test\ntest: build lint ; pytest\n\nbuild:\n\t@echo building\n"
        "lint:\n\t-ruff check .\n\n# note\nall: ; $(MAKE) -C sub $(SHELL x) test\n"
        "types:\n\tmypy \\\n\t  src || true\n",
    )
    assert found is not None
    tasks = {task.name: task for task in found.tasks}
    assert set(tasks) == {"test", "build", "lint", "all", "types"}
    assert tasks["test"].needs == ("build", "lint")
    assert [gate.gate for gate in tasks["test"].gates] == ["test"]
    assert tasks["build"].empty
    assert tasks["lint"].gates[0].swallowed
    assert tasks["types"].gates[0].swallowed
    assert not tasks["all"].empty


def test_a_package_script_and_a_justfile_are_judged() -> None:
    """Scripts of a package and recipes of a justfile are followed as well."""
    package = task_file.read("package.json", '{"scripts": {"test": "true", "lint": "eslint ."}}')
    assert package is not None
    assert [(task.name, task.empty) for task in package.tasks] == [("test", True), ("lint", False)]
    just = task_file.read("justfile", "test *args: build\n    pytest {{args}}\nbuild:\n    echo\n")
    assert just is not None
    assert [(task.name, task.empty, len(task.gates)) for task in just.tasks] == [
        ("test", False, 1),
        ("build", True, 0),
    ]


def test_flags_are_read_from_maps_and_lists() -> None:
    """A flag's owner, end and kind are found below `flags` or at the top, with its line."""
    found = flags.read("flags.yml", "flags:\n  a: {owner: x, expires: 2027-01-31}\n  b: {}\n")
    assert found is not None
    assert [(each.name, each.end, each.owned, each.line) for each in found.flags] == [
        ("a", "2027-01-31", True, 2),
        ("b", None, False, 3),
    ]
    listed = flags.read(
        "flags.json", '[{"key": "k", "type": "kill_switch", "review": "2027-01-01"}]'
    )
    assert listed is not None
    assert listed.flags[0].permanent
    assert flags.read("flags.yml", "a: 1\n") is None


@pytest.mark.parametrize(
    ("extract", "path", "wanted"),
    [
        (manifest.EXTRACT, "requirements-dev.txt", True),
        (manifest.EXTRACT, "web/package.json", True),
        (manifest.EXTRACT, "node_modules/a/package.json", False),
        (manifest.EXTRACT, "tests/x/pyproject.toml", False),
        (manifest.EXTRACT, "notes.txt", False),
        (lockfile.EXTRACT, "uv.lock", True),
        (lockfile.EXTRACT, "vendor/x/go.sum", False),
        (container.EXTRACT, "docker/Dockerfile.prod", True),
        (container.EXTRACT, "docker-compose.yml", True),
        (container.EXTRACT, "composer.json", False),
        (task_file.EXTRACT, "Makefile", True),
        (task_file.EXTRACT, "a/b/c/d/e/Makefile", False),
        (flags.EXTRACT, "config/feature_flags.yaml", True),
        (flags.EXTRACT, "src/flags.py", False),
    ],
)
def test_files_are_wanted_by_their_path(extract: object, path: str, wanted: bool) -> None:
    """Only files of the repository's own are read."""
    assert extract.wants(TreeFile(path, 10, "b")) is wanted  # type: ignore[attr-defined]


_PATHS = {
    manifest: [*sorted(manifest.NAMES), "requirements.txt"],
    lockfile: sorted(lockfile.NAMES),
    container: ["Dockerfile", "compose.yml"],
    task_file: ["Makefile", "justfile", "package.json"],
    flags: ["flags.yml", "flags.json"],
}
_CASES = [(module, path) for module, paths in _PATHS.items() for path in paths]
_LINES = st.lists(
    st.sampled_from(
        ["[[package]]", 'name = "a"', "version = 1", "a:", "\tb", "  c", "FROM a AS b", "ARG x=$y",
         "require (", "gem 'a'", "{", "}", "[project]", "dependencies = [", "]", "a b: c ; d $(",
         '{"scripts": {"a": 1}}', '{"packages": 3}', '{"dependencies": [1]}', "-r x", "a @ b"]
    )
).map("\n".join)  # fmt: skip


@given(st.sampled_from(_CASES), st.text() | _LINES)
def test_no_text_breaks_an_extract(case: tuple[object, str], text: str) -> None:
    """Any text is read, refused or left out, and what comes out can be kept."""
    module, path = case
    found = module.read(path, text)  # type: ignore[attr-defined]
    if found is not None:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=type(found)) == found
