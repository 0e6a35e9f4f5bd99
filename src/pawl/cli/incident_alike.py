"""`pawl incident similar` and `repeat`: what came before, and whether it is the same."""

from __future__ import annotations

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import INCIDENT, JSON, opened, tell


@click.command()
@INCIDENT
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 200), metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.similar/1 object.")
@click.pass_obj
def similar(data: str | None, /, identity: str, most: int, as_json: bool) -> int:
    """Show earlier incidents that are like one, the likest first.

    By fingerprint, by the root cause of their postmortems, and by their words. It is a proposal:
    whether it is a repeat a person says with `pawl incident repeat`. Exits 1 where nothing is.
    """
    from pawl.base.errors import PawlError
    from pawl.render.incident_learning_json import SimilarTold, told_json
    from pawl.render.incident_learning_text import similar_text

    found = opened(data, command=False)
    one = found.desk.get(identity)
    told = found.desk.similar(one.id, most)
    if as_json:
        click.echo(told_json(SimilarTold(incident=one.id, similar=told)))
    else:
        known = {}
        for each in told:
            try:
                known[each.incident] = found.desk.get(each.incident)
            except PawlError:
                continue
        click.echo(similar_text(told, known), nl=False)
    return Exit.YES if told else Exit.NO


@click.command()
@INCIDENT
@click.option("--of", "of", metavar="OTHER", help="An earlier one had the same cause.")
@click.option("--dismiss", metavar="OTHER", help="Another one had another cause.")
@click.option("--reason", default="", metavar="TEXT", help="Why what was confirmed is taken back.")
@JSON
@click.pass_obj
def repeat(
    data: str | None,
    /,
    identity: str,
    of: str | None,
    dismiss: str | None,
    reason: str,
    as_json: bool,
) -> int:
    """Say that an incident repeats an earlier one, or that it does not.

    A repeat is operational debt from then on. Only a human who is known for certain says so. What
    was confirmed wrongly is taken back with --dismiss and a --reason, by somebody accountable for
    it; the debt loses those incidents, and is none where less than two are left.
    """
    if (of is None) == (dismiss is None):
        raise click.UsageError("Give one of both: --of OTHER or --dismiss OTHER.")
    if reason and dismiss is None:
        raise click.UsageError("--reason says why a repeat is dismissed; it goes with --dismiss.")
    found = opened(data)
    if of is not None:
        return tell(found.desk.confirm_repeat(identity, of, found.by), as_json)
    assert dismiss is not None
    return tell(found.desk.dismiss_repeat(identity, dismiss, found.by, reason), as_json)
