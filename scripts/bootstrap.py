"""Make the local environment from the committed locks.

Needs nothing but Python 3.11 or later. `bootstrap.lock` pins the installer, `requirements.lock`
pins everything else; both by hash, so that two machines get the same bytes.
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"


def main() -> None:
    """Create or refresh `.venv`; ends with a message that says what to do when it cannot."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the message is for those who are below
        found = ".".join(map(str, sys.version_info[:2]))
        raise SystemExit(f"Pawl needs Python 3.11 or later; this is {found}. Set PYTHON=python3.12")
    installer = _create()
    run([*installer, "install", "--quiet", "--require-hashes", "-r", str(ROOT / "bootstrap.lock")])
    uv = [str(ENVIRONMENT / "bin" / "uv"), "pip"]
    target = ["--python", str(PYTHON)]
    run([*uv, "sync", "--quiet", *target, "--require-hashes", str(ROOT / "requirements.lock")])
    run([*uv, "install", "--quiet", *target, "--no-build-isolation", "--no-deps", "-e", str(ROOT)])
    (ENVIRONMENT / ".ready").touch()


def _create() -> list[str]:
    """Create the environment and return the argv of a pip that installs into it."""
    try:
        import ensurepip  # noqa: F401 - Debian ships it apart
    except ImportError:
        probe = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True)
        if probe.returncode:
            raise SystemExit(
                "This Python has neither ensurepip nor pip. On Debian: apt install python3-venv"
            ) from None
        venv.create(ENVIRONMENT, symlinks=True)
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if not (ENVIRONMENT / "bin" / "pip").exists():
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    return [str(PYTHON), "-m", "pip"]


def run(command: list[str]) -> None:
    """Run one step; a failed one ends the bootstrap with the command that failed."""
    if subprocess.run(command, cwd=ROOT).returncode:
        raise SystemExit(f"bootstrap stopped at: {' '.join(command)}")


if __name__ == "__main__":
    main()
