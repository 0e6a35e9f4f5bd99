"""What is committed is whole by itself: nothing of it leads out of the repository."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_MADE = {".git", ".venv", "node_modules", "__pycache__"}


def _links() -> list[str]:
    """Return the links that git follows; of an export without git, those that it holds."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ("git", "-C", str(ROOT), "ls-files", "--stage", "-z"), check=True, capture_output=True
        ).stdout.decode()
        entries = [entry for entry in listed.split("\0") if entry]
        assert len(entries) > 1000
        return [entry for entry in entries if entry.startswith(("120000", "160000"))]
    found = []
    for folder, folders, names in os.walk(ROOT):
        found += [name for name in (*folders, *names) if os.path.islink(os.path.join(folder, name))]
        folders[:] = [name for name in folders if name not in _MADE]
    return found


def test_no_link_is_committed() -> None:
    """A link works on the machine that made it; a clone elsewhere would hang in the air."""
    assert _links() == []
