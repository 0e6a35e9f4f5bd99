"""Options that the questions about recorded assessments share."""

from pathlib import Path

import click

PATH = click.argument("path", type=click.Path(path_type=Path), default=".")
ASSESSMENT = click.option(
    "--assessment",
    metavar="NAME",
    help="Another than the newest: a digest's beginning, a day, or a bundle's .json file.",
)
