"""A package is taken only by its hash, and unpacked without leaving its folder."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from scripts import lint_packages as packages

from pawl.base.errors import Refused


def archive(place: Path, *members: tarfile.TarInfo, content: bytes = b"text") -> Path:
    """Write an archive whose regular members all hold the same bytes."""
    target = place / "one-1.0.0.tgz"
    with tarfile.open(target, "w:gz") as file:
        for member in members:
            member.size = len(content) if member.isfile() else 0
            file.addfile(member, io.BytesIO(content))
    return target


def linked(name: str, kind: bytes, to: str) -> tarfile.TarInfo:
    """Return a member that is a link, or a device."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


def package(integrity: str) -> packages.Package:
    """Return a package with a hash."""
    return packages.Package(registry="npm", name="@a/one", version="1.0.0", integrity=integrity)


def test_files_are_written_without_the_archives_own_folder(tmp_path: Path) -> None:
    """A file keeps its place and whether it is a program; nothing else of its mode."""
    program = tarfile.TarInfo("package/bin/run.sh")
    program.mode = 0o4777
    packages.unpack(
        archive(tmp_path, tarfile.TarInfo("package/.claude/agents/a.md"), program),
        tmp_path / "tree",
        "one",
    )
    written = {
        str(path.relative_to(tmp_path / "tree")): path.stat().st_mode & 0o7777
        for path in (tmp_path / "tree").rglob("*")
        if path.is_file()
    }
    assert written == {".claude/agents/a.md": 0o644, "bin/run.sh": 0o755}


@pytest.mark.parametrize(
    "name", ["package/../../out", "/etc/out", "package/a/../../../out", "package/a\\..\\out", "one"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing is written outside of the folder, whatever a member is called."""
    with pytest.raises(Refused, match="leads out"):
        packages.unpack(archive(tmp_path, tarfile.TarInfo(name)), tmp_path / "tree", "one")
    assert not (tmp_path / "out").exists()
    assert not list((tmp_path / "tree").rglob("*"))


def test_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    """A link is not made, so that no later member is written through it."""
    packages.unpack(
        archive(
            tmp_path,
            linked("package/out", tarfile.SYMTYPE, "/tmp"),
            linked("package/hard", tarfile.LNKTYPE, "package/out"),
            linked("package/pipe", tarfile.FIFOTYPE, ""),
            tarfile.TarInfo("package/out/in.md"),
        ),
        tmp_path / "tree",
        "one",
    )
    assert not (tmp_path / "tree" / "out").is_symlink()
    assert (tmp_path / "tree" / "out" / "in.md").read_bytes() == b"text"
    assert sorted(path.name for path in (tmp_path / "tree").iterdir()) == ["out"]


def test_a_path_that_comes_twice_is_not_written_over(tmp_path: Path) -> None:
    """An archive that holds a file twice shows one thing to one reader and another to the next."""
    twice = [tarfile.TarInfo("package/a.md"), tarfile.TarInfo("package/./a.md")]
    with pytest.raises(Refused, match="twice"):
        packages.unpack(archive(tmp_path, *twice), tmp_path / "tree", "one")


def test_what_is_unpacked_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many files and too many bytes are refused before they are written."""
    held = archive(tmp_path, *(tarfile.TarInfo(f"package/{at}") for at in range(3)))
    monkeypatch.setattr(packages, "MAX_MEMBERS", 2)
    with pytest.raises(Refused, match="more than"):
        packages.unpack(held, tmp_path / "many", "one")
    monkeypatch.setattr(packages, "MAX_MEMBERS", 9)
    monkeypatch.setattr(packages, "MAX_BYTES", 11)
    with pytest.raises(Refused, match="more than"):
        packages.unpack(held, tmp_path / "large", "one")


def test_another_file_than_the_listed_one_is_refused(tmp_path: Path) -> None:
    """The hash is of the archive as it came, and no weaker kind of hash stands for it."""
    held = archive(tmp_path, tarfile.TarInfo("package/a.md"))
    right = base64.b64encode(hashlib.sha512(held.read_bytes()).digest()).decode()
    packages.check_integrity(held, package(f"sha512-{right}"))
    weak = base64.b64encode(hashlib.sha1(held.read_bytes(), usedforsecurity=False).digest())
    for wrong in (f"sha512-{right[::-1]}", f"sha1-{weak.decode()}", ""):
        with pytest.raises(Refused, match="hash"):
            packages.check_integrity(held, package(wrong))


def test_a_package_is_called_by_its_registry_name_and_version(tmp_path: Path) -> None:
    """A scope makes no folder of its own, and what is there already is not fetched again."""
    one = package("sha512-x")
    assert (one.label, one.folder) == ("npm:@a/one@1.0.0", "npm__@a__one__1.0.0")
    (tmp_path / one.folder).mkdir()
    packages.fetch_package(one, tmp_path)
