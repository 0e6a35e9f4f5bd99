"""Vendored browser code is what its README says, and the stylesheet stays small."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "src" / "pawl" / "server" / "static"
VENDOR = STATIC / "vendor"


def test_vendored_files_have_the_digests_written_down() -> None:
    """Every vendored file is listed with its digest, and every digest holds."""
    readme = (VENDOR / "README.md").read_text()
    listed = dict(re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", readme, re.MULTILINE))
    present = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.suffix in (".js", ".css")
    }
    assert listed == present


def test_vendored_code_brings_its_licence() -> None:
    """Each vendored package has its licence beside it."""
    for folder in (path for path in VENDOR.iterdir() if path.is_dir()):
        assert (folder / "LICENSE").stat().st_size > 200, folder


def test_the_stylesheets_are_small() -> None:
    """One stylesheet below twelve kibibytes; what a part adds for its own pages is below six."""
    sizes = {path.name: path.stat().st_size for path in STATIC.glob("*.css")}
    assert sizes.pop("pawl.css") < 12 * 1024
    assert sizes["maturity.css"]
    assert max(sizes.values()) < 6 * 1024
