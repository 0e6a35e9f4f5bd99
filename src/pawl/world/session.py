"""Wait for a program that leads a session of its own, and end all that it started."""

import os
import signal
import subprocess


def ended(process: "subprocess.Popen[bytes]", timeout_s: float) -> int | None:
    """Return how a program ended, None where it took longer; nothing of its session is left."""
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        process.wait()
