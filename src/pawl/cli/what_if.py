"""`pawl what-if`: where a repository would stand if something were so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.base.errors import BadValue
from pawl.cli.exits import Exit
from pawl.cli.recorded import ASSESSMENT, PATH

if TYPE_CHECKING:
    from pawl.maturity.evidence import Record, Value
    from pawl.maturity.inputs import Inputs


@click.command()
@PATH
@click.option(
    "--probe",
    "probes",
    multiple=True,
    metavar="ID=yes|no[,NAME=VALUE…]",
    help="Suppose that a probe answers so, as deep as it can; a share is written 9/10.",
)
@click.option("--exempt", multiple=True, metavar="FILE", help="Suppose the exemptions of a file.")
@click.option("--at", metavar="WHEN", help="Suppose another time, with no new evidence.")
@ASSESSMENT
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.what-if/1 object.")
@click.pass_obj
def command(
    data: str | None,
    path: Path,
    probes: tuple[str, ...],
    exempt: tuple[str, ...],
    at: str | None,
    assessment: str | None,
    as_json: bool,
) -> int:
    """Where a repository would stand if a probe answered otherwise, or on another day.

    Nothing of it is recorded, and the answer says that it is hypothetical.
    """
    import msgspec

    from pawl import app
    from pawl.app.answers import recorded
    from pawl.base.loading import load_yaml
    from pawl.base.times import format_time, parse_time
    from pawl.maturity.exemption import Register
    from pawl.maturity.what_if import Suppose, what_if
    from pawl.render.gaps_text import what_if_text

    inputs = recorded(app.data_folder(data), path, assessment)
    registers = [load_yaml(_text(file), Register, place=file) for file in exempt]
    found = what_if(
        inputs,
        Suppose(
            records=tuple(_imagined(inputs, text) for text in probes),
            exemptions=tuple(each for register in registers for each in register.exemptions),
            at=None if at is None else format_time(parse_time(at)),
        ),
    )
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        click.echo(what_if_text(found), nl=False)
    return Exit.YES


def _imagined(inputs: Inputs, text: str) -> Record:
    from pawl.app.answers import probes
    from pawl.base.finding import Outcome
    from pawl.maturity.what_if import imagined

    head, *rest = text.split(",")
    name, _, answer = head.partition("=")
    known = probes()
    outcome = {"yes": Outcome.PASS, "no": Outcome.FAIL}.get(answer or "yes")
    if name not in known or outcome is None:
        raise BadValue(
            f"{text!r} supposes nothing that a probe could answer.",
            place="--probe",
            hint="Write one such as tests-assert=yes,asserting=95/100.",
        )
    values = {part.partition("=")[0]: _value(part.partition("=")[2]) for part in rest}
    return imagined(inputs, name, known[name], outcome, values)


def _value(text: str) -> Value:
    from pawl.maturity.evidence import Share

    if text in ("true", "false"):
        return text == "true"
    hits, slash, of = text.partition("/")
    try:
        if slash:
            return Share(int(hits), int(of))
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _text(file: str) -> str:
    try:
        return Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(f"cannot be read: {error}.", place=file, hint="Name a YAML file.") from error
