"""The `pawl` command."""


def main() -> int:
    """Run the command line and return its exit status."""
    from pawl.cli.main import main as command_line

    return command_line()


if __name__ == "__main__":
    raise SystemExit(main())
