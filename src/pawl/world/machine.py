"""What this machine and its user are called."""

import os
import pwd
import socket
from pathlib import Path


def machine_name() -> str:
    """Return the host's name, without looking anything up on the network."""
    return socket.gethostname()


def login_name() -> str:
    """Return the name of the user this process runs as; the number when it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def home_folder() -> str:
    """Return the user's home directory: HOME, else the password database."""
    return os.environ.get("HOME") or str(Path.home())
