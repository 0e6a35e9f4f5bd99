"""Published packages as whole trees to lint: fetched by version and hash, unpacked, never run.

`scripts/lint_precision.py` measures the lint on them. A package is fetched by its registry's own
client with every script of it off. What came is compared with the hash that the list states before
anything of it is read, and only its regular files are written, below one folder and within bounds.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import IO, Literal

import msgspec

from pawl.base.errors import Refused

MAX_MEMBERS = 50_000
MAX_BYTES = 512 * 1024 * 1024
"""Of all files of a package together, unpacked; the largest that is measured has 54 MiB."""
MAX_DEPTH = 64
"""Folders inside one another."""


class Package(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of a package, by the hash of what the registry hands out."""

    registry: Literal["npm"]
    name: str
    version: str
    integrity: str

    @property
    def label(self) -> str:
        """What marks and measures call it."""
        return f"{self.registry}:{self.name}@{self.version}"

    @property
    def folder(self) -> str:
        """The folder it stands in below the one that `fetch` was given."""
        return f"{self.registry}__{self.name.replace('/', '__')}__{self.version}"


class Packages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The packages that are measured, and those that were looked at and left out, with why."""

    schema: Literal["pawl.lint-packages/1"]
    as_of: str
    source: str
    packages: tuple[Package, ...]
    left_out: dict[str, str] = {}


def fetch_package(package: Package, folder: Path) -> None:
    """Put a package's files below a folder, if they are not there; raises Refused for others."""
    place = folder / package.folder
    if place.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as passing:
        spec = f"{package.name}@{package.version}"
        quiet = ("--ignore-scripts", "--silent", "--pack-destination", passing)
        subprocess.run(("npm", "pack", spec, *quiet), check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(passing).glob("*.tgz")
        check_integrity(archive, package)
        fresh = Path(passing) / "tree"
        unpack(archive, fresh, package.label)
        fresh.rename(place)


def check_integrity(archive: Path, package: Package) -> None:
    """Raise Refused unless a file has the hash that the list states."""
    kind, _, wanted = package.integrity.partition("-")
    with archive.open("rb") as file:
        held = hashlib.file_digest(file, "sha512").digest()
    if kind != "sha512" or base64.b64encode(held).decode() != wanted:
        raise Refused(
            "is not the file that the list states the hash of.",
            place=package.label,
            hint="Another file under the same version is another package: look why.",
        )


def unpack(archive: Path, place: Path, label: str) -> None:
    """Write the regular files of an archive below a folder; links and devices are passed over.

    The first folder of each path is left out: it is the archive's own. Raises Refused for a path
    that leads out, and for more files or bytes than the bounds.
    """
    count = total = 0
    with tarfile.open(archive, "r:gz") as held:
        for member in held:
            count, total = count + 1, total + max(member.size, 0)
            if count > MAX_MEMBERS or total > MAX_BYTES:
                raise Refused("holds more than is unpacked.", place=label)
            if not member.isfile():
                continue
            target = place.joinpath(*_inside(member.name, label))
            source = held.extractfile(member)
            if source is not None:
                _write(source, target, label, executable=bool(member.mode & 0o100))


def _inside(name: str, label: str) -> tuple[str, ...]:
    """Return the parts of a member's path below the archive's own folder."""
    parts = tuple(part for part in name.split("/")[1:] if part not in ("", "."))
    bad = name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/")
    if bad or not parts or len(parts) > MAX_DEPTH:
        raise Refused(f"holds a path that leads out: {name[:200]!r}.", place=label)
    return parts


def _write(source: IO[bytes], target: Path, label: str, *, executable: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Anew: an archive that holds a path twice would show each reader another file.
        with target.open("xb") as file:
            while chunk := source.read(1 << 20):
                file.write(chunk)
    except FileExistsError as error:
        raise Refused("holds a path twice.", place=label) from error
    target.chmod(0o755 if executable else 0o644)
