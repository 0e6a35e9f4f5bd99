"""Who git says is working here: a name that anybody can type, and so never one that approves."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

_TIMEOUT_S = 5.0


def git_address(place: Path, environment: Mapping[str, str]) -> str | None:
    """Return the address that a commit made here would have, or None where none is set."""
    told = environment.get("GIT_AUTHOR_EMAIL", "").strip()
    if told:
        return told
    try:
        ran = subprocess.run(
            ("git", "-C", str(place), "config", "--get", "user.email"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = ran.stdout[: 4 * 1024].decode("utf-8", "replace").strip()
    return found or environment.get("EMAIL", "").strip() or None
