"""The `pawl` command."""

import os


def main() -> int:
    """Run the command line and return its exit status."""
    _open_standard_streams()
    from pawl.cli.main import main as command_line

    return command_line()


def _open_standard_streams() -> None:
    """Give /dev/null to whichever of the first three descriptors is closed.

    Otherwise the next file opened would take its number, and output would land in it.
    """
    fd = os.open(os.devnull, os.O_RDWR)
    while fd <= 2:
        fd = os.dup(fd)
    os.close(fd)


if __name__ == "__main__":
    raise SystemExit(main())
