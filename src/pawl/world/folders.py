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
