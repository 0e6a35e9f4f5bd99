"""Where Pawl keeps its things on this machine."""

import os
from pathlib import Path


def data_folder(asked: str | None = None) -> Path:
    """Return the data folder: `--data`, else PAWL_DATA, else the platform's user data folder."""
    chosen = asked or os.environ.get("PAWL_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    # platformdirs is imported here because a command that is told its folder does not need it.
    import platformdirs

    return Path(platformdirs.user_data_dir("pawl", appauthor=False))


def is_writable(folder: Path) -> bool:
    """Say whether a file can be made in a folder, making the folder where it is missing."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def free_bytes(folder: Path) -> int | None:
    """Return the bytes left on a folder's disk, or None when the system does not say."""
    import shutil

    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
