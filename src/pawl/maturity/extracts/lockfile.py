"""Lock files: which version of which package an install takes, and whether its digest is known.

Read line by line where the format allows, since locks are the largest files anybody keeps.
"""

import re
from pathlib import PurePosixPath
from typing import Any

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.packages import VENDORED, canonical

MAX_PACKAGES = 5000
NAMES = {
    "uv.lock": "python",
    "poetry.lock": "python",
    "pdm.lock": "python",
    "pylock.toml": "python",
    "Pipfile.lock": "python",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "yarn.lock": "npm",
    "pnpm-lock.yaml": "npm",
    "bun.lock": "npm",
    "go.sum": "go",
    "Cargo.lock": "cargo",
    "Gemfile.lock": "ruby",
    "composer.lock": "php",
}


class Lockfile(msgspec.Struct, frozen=True, kw_only=True):
    """One lock. `packages` are `(name, version)`, names as their registry compares them.

    `digests` says that the lock names digests, without which a registry may change a file.
    `truncated` says that there were more packages than are kept.
    """

    ecosystem: str
    packages: tuple[tuple[str, str], ...] = ()
    digests: bool = False
    truncated: bool = False
    problem: str | None = None


def wants(file: TreeFile) -> bool:
    """Say whether a path is a lock of the repository's own."""
    if file.path.rpartition("/")[2] not in NAMES or file.path.count("/") > 4:
        return False
    return not any(f"/{part}" in f"/{file.path}" for part in VENDORED)


def _tables(text: str) -> set[tuple[str, str]]:
    """Return the packages of TOML locks: `[[package]]`, then `name` and `version`."""
    found: set[tuple[str, str]] = set()
    name = ""
    for line in text.splitlines():
        key, equals, value = line.partition(" = ")
        if line.startswith("[[package"):
            name = ""
        elif equals and key == "name":
            name = value.strip().strip('"')
        elif equals and key == "version" and name:
            found.add((name, value.strip().strip('"')))
            name = ""
    return found


def _package_lock(value: Any) -> set[tuple[str, str]]:
    found = set()
    packages = value.get("packages") if isinstance(value, dict) else None
    if isinstance(packages, dict):
        for path, entry in packages.items():
            name = path.rpartition("node_modules/")[2]
            if name and "node_modules/" in path and isinstance(entry, dict):
                found.add((name, str(entry.get("version", ""))))
        return found
    old = value.get("dependencies") if isinstance(value, dict) else None
    for name, entry in old.items() if isinstance(old, dict) else ():
        if isinstance(entry, dict):
            found.add((name, str(entry.get("version", ""))))
    return found


def _sections(value: Any, *names: str) -> set[tuple[str, str]]:
    """Return the packages of Pipfile.lock and composer.lock."""
    found = set()
    for name in names:
        section = value.get(name) if isinstance(value, dict) else None
        if isinstance(section, dict):
            for package, entry in section.items():
                version = entry.get("version", "") if isinstance(entry, dict) else ""
                found.add((package, str(version).lstrip("=")))
        for entry in section if isinstance(section, list) else ():
            if isinstance(entry, dict):
                found.add((str(entry.get("name", "")), str(entry.get("version", ""))))
    return found


def _yarn(text: str) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    name = ""
    for line in text.splitlines():
        if line and line[0] not in " #_":
            first = line.rstrip(":").split(",")[0].strip().strip('"')
            name = first[:1] + first[1:].partition("@")[0]
        elif name and line.strip().startswith(("version ", "version:")):
            found.add((name, line.strip()[8:].strip(' :"')))
            name = ""
    return found


PNPM = regex(r"^  '?/?((?:@[^/@\s]+/)?[^/@\s']+)[@/]([0-9][^:()'\s]*)")
BUN = regex(r"^\s+\"[^\"]+\": \[\"((?:@[^/@\"]+/)?[^@\"]+)@([^\"]+)\"")
GEM = regex(r"^    ([A-Za-z0-9._-]+) \(([^)]+)\)$")
GO = regex(r"^(\S+) (v[^\s/]+)(?:/go\.mod)? ")


def _matches(text: str, pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    found = set()
    for line in text.splitlines():
        match = pattern.match(line[:400])
        if match:
            found.add((match.group(1), match.group(2)))
    return found


def _packages(name: str, text: str) -> set[tuple[str, str]]:
    if name in ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Cargo.lock"):
        return _tables(text)
    if name == "yarn.lock":
        return _yarn(text)
    patterns = {"pnpm-lock.yaml": PNPM, "bun.lock": BUN, "Gemfile.lock": GEM, "go.sum": GO}
    if name in patterns:
        return _matches(text, patterns[name])
    value = msgspec.json.decode(text)
    if name == "Pipfile.lock":
        return _sections(value, "default", "develop")
    if name == "composer.lock":
        return _sections(value, "packages", "packages-dev")
    return _package_lock(value)


def read(path: str, text: str) -> Lockfile | None:
    """Return the packages of a lock; a file that does not parse says so."""
    name = PurePosixPath(path).name
    ecosystem = NAMES.get(name)
    if ecosystem is None:
        return None
    try:
        found = _packages(name, text)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        return Lockfile(ecosystem=ecosystem, problem=f"{type(error).__name__}: {error}"[:200])
    compared = sorted(
        (canonical(package) if ecosystem == "python" else package.lower(), version[:60])
        for package, version in found
        if package
    )
    marks = ("sha256:", "sha512-", "sha1-", "checksum", "h1:", "shasum", "integrity")
    return Lockfile(
        ecosystem=ecosystem,
        packages=tuple((package[:150], version) for package, version in compared[:MAX_PACKAGES]),
        digests=any(mark in text for mark in marks),
        truncated=len(compared) > MAX_PACKAGES,
    )


EXTRACT = Extract(
    version=1, kind=Lockfile, wants=wants, read=read, names=frozenset(map(str.lower, NAMES))
)
