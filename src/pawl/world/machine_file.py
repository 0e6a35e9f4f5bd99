"""Files that this machine's owner put into the data folder: bounded, regular, inside it."""

import os
import stat
from pathlib import Path

from pawl.base.errors import BadFile
from pawl.base.loading import MAX_TEXT


def machine_file(folder: Path, name: str) -> str | None:
    """Return a file's text, None where there is none; raises BadFile for one that does not read."""
    path = folder / name
    if not Path(os.path.normpath(path)).is_relative_to(folder):
        raise BadFile("outside of the data folder.", place=name)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadFile(
            f"cannot be read: {getattr(error, 'strerror', None) or 'no path'}.", place=str(path)
        ) from error
    # Asked before it is opened as a file, which a folder does not let itself be.
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise BadFile("not a file.", place=str(path))
    with open(fd, "rb") as file:
        try:
            return file.read(MAX_TEXT + 1).decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadFile("not in UTF-8.", place=str(path)) from error
