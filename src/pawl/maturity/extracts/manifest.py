"""Dependency manifests: what a project asks for, and with which toolchain.

Reads pyproject.toml, requirements files, package.json, go.mod, Cargo.toml, Gemfile,
composer.json and the files that pin a toolchain.
"""

import re
import tomllib
from pathlib import PurePosixPath
from typing import Any

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.packages import VENDORED, canonical

MAX_DEPENDENCIES = 500
NAMES = {
    "pyproject.toml": "python",
    "package.json": "npm",
    "go.mod": "go",
    "Cargo.toml": "cargo",
    "Gemfile": "ruby",
    "composer.json": "php",
    ".python-version": "toolchain",
    ".nvmrc": "toolchain",
    ".node-version": "toolchain",
    ".ruby-version": "toolchain",
    ".tool-versions": "toolchain",
    "mise.toml": "toolchain",
    ".mise.toml": "toolchain",
    "rust-toolchain": "toolchain",
    "rust-toolchain.toml": "toolchain",
    "flake.nix": "toolchain",
    ".sdkmanrc": "toolchain",
    ".java-version": "toolchain",
    "global.json": "toolchain",
}
REQUIREMENTS = regex(r"^(?:.*[-_.])?requirements(?:[-_.].*)?\.(?:txt|in)$")
NAME = regex(r"^[A-Za-z0-9@][A-Za-z0-9._/@-]*")
GEM = regex(r"^\s*(gem|ruby)\s+['\"]([^'\"]+)['\"](?:\s*,\s*['\"]([^'\"]+)['\"])?")


class Dependency(msgspec.Struct, frozen=True):
    """One requirement as written. `pinned` says that only one version satisfies it."""

    name: str
    spec: str
    pinned: bool


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One manifest. `toolchain` is the version of the language that it asks for.

    `hashed` says that every requirement names the digest it must have. `problem` says why the
    file could not be read.
    """

    ecosystem: str
    name: str = ""
    dependencies: tuple[Dependency, ...] = ()
    toolchain: str | None = None
    hashed: bool = False
    problem: str | None = None


def _ecosystem(path: str) -> str | None:
    name = PurePosixPath(path).name
    if name in NAMES:
        return NAMES[name]
    return "python" if REQUIREMENTS.match(name) else None


def wants(file: TreeFile) -> bool:
    """Say whether a path is a manifest of the repository's own, not of a vendored part."""
    name = file.path.rpartition("/")[2]
    if name not in NAMES and not name.endswith((".txt", ".in")):
        return False
    vendored = any(f"/{part}" in f"/{file.path}" for part in VENDORED)
    return not vendored and file.path.count("/") <= 4 and _ecosystem(file.path) is not None


def _requirement(text: str) -> Dependency | None:
    """Return a Python requirement."""
    body = text.partition(";")[0].partition(" #")[0].strip()
    found = NAME.match(body)
    if found is None:
        return None
    spec = re.sub(r"^\[[^\]]*\]", "", body[found.end() :].strip()).partition(" --")[0].strip()
    exact = spec.startswith("==") and "*" not in spec and "," not in spec
    at_digest = spec.startswith("@") and bool(re.search(r"@[0-9a-f]{40}\b|#sha256=", spec))
    return Dependency(canonical(found.group())[:100], spec[:100], exact or at_digest)


def _requirements(text: str) -> Manifest:
    lines = text.replace("\\\n", " ").splitlines()
    asked = [line for line in lines if line.strip() and line.strip()[0] not in "#-"]
    found = [_requirement(line) for line in asked[:MAX_DEPENDENCIES]]
    return Manifest(
        ecosystem="python",
        dependencies=tuple(each for each in found if each is not None),
        hashed=bool(asked) and all("--hash=" in line for line in asked),
    )


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _table(value: Any, *path: str) -> dict[str, Any]:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _pyproject(value: dict[str, Any]) -> Manifest:
    project = _table(value, "project")
    asked = _texts(project.get("dependencies"))
    for group in _table(project, "optional-dependencies").values():
        asked += _texts(group)
    for group in _table(value, "dependency-groups").values():
        asked += _texts(group)
    found = [_requirement(text) for text in asked[:MAX_DEPENDENCIES]]
    poetry = _table(value, "tool", "poetry")
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(each, "dependencies") for each in _table(poetry, "group").values()]
    for name, spec in (item for table in tables for item in table.items()):
        if name != "python":
            found.append(_versioned(canonical(name), spec))
    toolchain = project.get("requires-python") or _table(poetry, "dependencies").get("python")
    return Manifest(
        ecosystem="python",
        name=str(project.get("name") or poetry.get("name") or "")[:100],
        dependencies=tuple(each for each in found if each is not None)[:MAX_DEPENDENCIES],
        toolchain=toolchain if isinstance(toolchain, str) else None,
    )


def _versioned(name: str, value: Any) -> Dependency:
    """Return a dependency whose bare version is exact only with its sign or by a digest."""
    table = value if isinstance(value, dict) else {}
    spec = value if isinstance(value, str) else str(table.get("version") or table.get("rev") or "")
    exact = bool(re.match(r"^=?=?\s*\d+\.\d+\.\d+[\w.+-]*$", spec))
    by_commit = bool(re.fullmatch(r"[0-9a-f]{40}", spec)) or "path" in table
    local = spec.startswith(("workspace:", "file:", "link:"))
    return Dependency(name[:100], spec[:100], exact or by_commit or local)


def _package_json(value: dict[str, Any]) -> Manifest:
    found = [
        _versioned(name, spec)
        for key in ("dependencies", "devDependencies", "optionalDependencies")
        for name, spec in _table(value, key).items()
    ]
    manager = value.get("packageManager")
    engine = _table(value, "engines").get("node")
    toolchain = next((each for each in (manager, engine) if isinstance(each, str)), None)
    return Manifest(
        ecosystem="npm",
        name=str(value.get("name") or "")[:100],
        dependencies=tuple(found[:MAX_DEPENDENCIES]),
        toolchain=toolchain,
    )


def _cargo(value: dict[str, Any]) -> Manifest:
    keys = ("dependencies", "dev-dependencies", "build-dependencies")
    tables = [_table(value, key) for key in keys] + [_table(value, "workspace", "dependencies")]
    found = [_cargo_entry(name, spec) for table in tables for name, spec in table.items()]
    rust = _table(value, "package").get("rust-version")
    return Manifest(
        ecosystem="cargo",
        name=str(_table(value, "package").get("name") or "")[:100],
        dependencies=tuple(found[:MAX_DEPENDENCIES]),
        toolchain=rust if isinstance(rust, str) else None,
    )


def _cargo_entry(name: str, value: Any) -> Dependency:
    own = value.get("package") if isinstance(value, dict) else None
    read = _versioned(own if isinstance(own, str) else name, value)
    # A bare version is a range for Cargo; only `=1.2.3`, a path or a commit is exact.
    exact = read.spec.startswith("=") or (isinstance(value, dict) and "path" in value)
    return Dependency(read.name, read.spec, exact or len(read.spec) == 40)


def _go(text: str) -> Manifest:
    found: list[Dependency] = []
    toolchain, inside, name = None, False, ""
    for line in text.splitlines():
        words = line.partition("//")[0].split()
        if not words:
            continue
        if words[0] == "module" and len(words) > 1:
            name = words[1]
        elif words[0] in ("go", "toolchain") and len(words) > 1:
            toolchain = words[1]
        elif words[:2] == ["require", "("]:
            inside = True
        elif words[0] == ")":
            inside = False
        elif words[0] == "require" and len(words) >= 3:
            found.append(Dependency(words[1].lower(), words[2], True))
        elif inside and len(words) >= 2 and len(found) < MAX_DEPENDENCIES:
            found.append(Dependency(words[0].lower(), words[1], True))
    return Manifest(ecosystem="go", name=name, dependencies=tuple(found), toolchain=toolchain)


def _gemfile(text: str) -> Manifest:
    found = []
    toolchain = None
    for line in text.splitlines():
        entry = re.match(
            r"^\s*(gem|ruby)\s+['\"]([^'\"]+)['\"](?:\s*,\s*['\"]([^'\"]+)['\"])?", line
        )
        if entry is None:
            continue
        if entry.group(1) == "ruby":
            toolchain = entry.group(2)
        else:
            spec = entry.group(3) or ""
            found.append(Dependency(entry.group(2), spec, bool(re.match(r"^=?\s*\d", spec))))
    return Manifest(
        ecosystem="ruby", dependencies=tuple(found[:MAX_DEPENDENCIES]), toolchain=toolchain
    )


def _composer(value: dict[str, Any]) -> Manifest:
    tables = (_table(value, "require"), _table(value, "require-dev"))
    found = [
        _versioned(name.lower(), spec)
        for table in tables
        for name, spec in table.items()
        if "/" in name
    ]
    php = tables[0].get("php")
    return Manifest(
        ecosystem="php",
        name=str(value.get("name") or "")[:100],
        dependencies=tuple(found[:MAX_DEPENDENCIES]),
        toolchain=php if isinstance(php, str) else None,
    )


def read(path: str, text: str) -> Manifest | None:
    """Return what a manifest asks for; a file that does not parse says so."""
    name = PurePosixPath(path).name
    ecosystem = _ecosystem(path)
    if ecosystem is None:
        return None
    if ecosystem == "toolchain":
        said = text.strip()[:100]
        return Manifest(ecosystem=ecosystem, toolchain=said) if said else None
    if name == "go.mod":
        return _go(text)
    if name == "Gemfile":
        return _gemfile(text)
    if name not in NAMES:
        return _requirements(text)
    try:
        value = tomllib.loads(text) if name.endswith(".toml") else msgspec.json.decode(text)
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, RecursionError, ValueError) as error:
        return Manifest(ecosystem=ecosystem, problem=f"{type(error).__name__}: {error}"[:200])
    if not isinstance(value, dict):
        return None
    readers = {"python": _pyproject, "npm": _package_json, "cargo": _cargo, "php": _composer}
    return readers[ecosystem](value)


EXTRACT = Extract(
    version=1,
    kind=Manifest,
    wants=wants,
    read=read,
    names=frozenset(map(str.lower, NAMES)),
    suffixes=frozenset({".txt", ".in"}),
)
