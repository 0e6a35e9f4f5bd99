"""`pawl eval run|record`: live trials in throw-away workspaces, and their records."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pawl.evals.shelf import Placed
    from pawl.services.eval_live import Done
    from pawl.services.trial_program import Order

_COMMAND = "pawl.command"
_COUNT = click.IntRange(min=1, max=1000)
_FILE = click.Path(path_type=Path, dir_okay=False)
_AGENT_OPTIONS = (
    click.option("--agent", metavar="ID", help="Which agent, where the case does not say."),
    click.option("--model", metavar="NAME", help="Which model; the case's, when left out."),
    click.option("--model-url", metavar="URL", help="The model's address; the environment's."),
    click.option("--model-host", multiple=True, metavar="HOST", help="A host to let through."),
    click.option("--pass-env", multiple=True, metavar="NAME", help="A variable to hand over."),
    click.option(
        "--network-open",
        is_flag=True,
        help="Run with the network on where this machine cannot take it away.",
    ),
    click.option("--judge", metavar="FILE", type=_FILE, help="Ask this judge where a case does."),
    click.option("--jobs", type=click.IntRange(1, 64), default=2, help="Trials at a time; 2."),
    click.option(
        "--path",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        default=".",
        help="A folder of the repository; this one by default.",
    ),
)


class _WithCommand(click.Command):
    """Takes what stands after `--` as the agent's command, and what stands before as cases."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta[_COMMAND] = tuple(args[at + 1 :])
            args = args[:at]
            if not ctx.meta[_COMMAND]:
                raise click.UsageError("After -- stands the agent's command.", ctx)
        return super().parse_args(ctx, args)


class _Judged(_WithCommand):
    """One whose verdict is printed as grading prints its own."""

    tell_result: Callable[..., None]


def _agent_options(function: Any) -> Any:
    for option in reversed(_AGENT_OPTIONS):
        function = option(function)
    return function


@click.command("run", cls=_Judged, options_metavar="[OPTIONS]")
@click.argument("cases", metavar="[CASE]... [-- CMD...]", nargs=-1)
@click.option("-n", "--trials", type=_COUNT, metavar="N", help="Trials of each; the case's k.")
@click.option("--no-worse", is_flag=True, help="Ask for proof that nothing fell, not only no drop.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval/1 object.")
@click.option("--junit", metavar="FILE", type=_FILE, help="Write JUnit XML there.")
@click.option("--markdown", metavar="FILE", type=_FILE, help="Write Markdown there.")
@_agent_options
@click.pass_context
def run(
    context: click.Context,
    /,
    cases: tuple[str, ...],
    trials: int | None,
    no_worse: bool,
    as_json: bool,
    junit: Path | None,
    markdown: Path | None,
    path: Path,
    judge: Path | None,
    jobs: int,
    **said: Any,
) -> int:
    """Run live trials of these cases, or of all, and give the gate's verdict.

    Each trial is a supervised run in a throw-away copy of its workspace, with the network off but
    for the model. The agent is the case's, --agent's, or CMD, which gets the prompt on stdin or as
    {prompt}. Suspects are tried again as the gate asks. Every record is kept, and the verdict is
    appended to the ledger.

    Exits 0 when it passes, 1 when it regressed, and 3 when that cannot be said.
    """
    from pawl import app
    from pawl.app.evals import evals, record_verdict
    from pawl.app.trials import Trials, first_counts
    from pawl.evals.shelf import chosen
    from pawl.evals.suite_result import wanted
    from pawl.services.eval_live import skipped_of
    from pawl.services.evals import judge_trials

    folder = app.data_folder(context.obj)
    with evals(folder, path) as found:
        live = Trials(folder, path, judge)
        asked = chosen(found.cases, cases)
        names = tuple(each.case.id for each in asked)

        def judged(done: Sequence[Done]) -> Any:
            return judge_trials(
                found,
                live.kept(done),
                names=names,
                skipped=skipped_of(done),
                must_be_no_worse=no_worse,
            )

        done = live.run(
            asked,
            first_counts([each.case for each in asked], trials),
            _order(context, asked, said),
            jobs=jobs,
            told=_telling(),
            wanted=lambda done: wanted(judged(done)),
        )
        result = judged(done)
        record_verdict(folder, path, found, result, live=True)
    assert isinstance(context.command, _Judged)
    context.command.tell_result(result, as_json=as_json, junit=junit, markdown=markdown)
    return int(result.exit_code)


@click.command("record", cls=_WithCommand, options_metavar="[OPTIONS]")
@click.argument("case", metavar="CASE [-- CMD...]")
@click.option("-n", "--trials", type=_COUNT, metavar="N", help="Trials; what the pool lacks.")
@click.option("--null", is_flag=True, help="Keep a record of an agent that does nothing.")
@click.option("--oracle", metavar="ADDRESS", help="Make this kept record the oracle.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval-trials/1 object.")
@_agent_options
@click.pass_context
def record(
    context: click.Context,
    /,
    case: str,
    trials: int | None,
    null: bool,
    oracle: str | None,
    as_json: bool,
    path: Path,
    judge: Path | None,
    jobs: int,
    **said: Any,
) -> int:
    """Run live trials of one case and keep their records, to fill its pool.

    With --null an agent that does nothing is recorded, which the case must fail; --oracle ADDRESS
    makes a kept record that passes the one that it must pass. Exits 1 when a trial left no
    record, and 3 when all there are say nothing of the agent.
    """
    from pawl import app
    from pawl.app.trials import Trials
    from pawl.evals.shelf import chosen
    from pawl.services.eval_live import done_of, lacking

    if null and oracle is not None:
        raise click.UsageError("--null and --oracle exclude each other.")
    live = Trials(app.data_folder(context.obj), path, judge)
    placed = chosen(live.shelf.cases(), [case])
    done: tuple[Done, ...]
    if oracle is not None:
        where, sealed = live.keep_oracle(_only(placed), oracle)
        done = (done_of(sealed, where),)
    elif null:
        where, sealed = live.keep_null(_only(placed))
        done = (done_of(sealed, where),)
    else:
        counts = {each.case.id: trials or lacking(live.shelf, each) for each in placed}
        order = _order(context, placed, said)
        done = live.run(placed, counts, order, jobs=jobs, told=_telling())
    _tell(done, as_json)
    if any(not each.address for each in done):
        return Exit.NO
    return Exit.YES if not done or any(each.counts for each in done) else Exit.CANNOT_TELL


def register(group: click.Group, tell_result: Callable[..., None]) -> None:
    """Add the commands that run trials to `pawl eval`; `tell_result` prints a verdict."""
    assert isinstance(run, _Judged)
    run.tell_result = tell_result
    group.add_command(run)
    group.add_command(record)


def _only(placed: Sequence[Placed]) -> Placed:
    if len(placed) != 1:
        raise click.UsageError("Name one case, not a file with several.")
    return placed[0]


def _order(context: click.Context, placed: Sequence[Placed], said: dict[str, Any]) -> Order:
    """Return what every trial has in common; the case is filled in for each."""
    from pawl.base.errors import CannotTell
    from pawl.services.trial_program import Order

    if not placed:
        raise CannotTell("there is no case.", place=".pawl/evals", hint="Write one: see the docs.")
    command = context.meta.get(_COMMAND, ())
    if command and os.sep in command[0]:  # It is started in the throw-away workspace.
        command = (str(Path(command[0]).absolute()), *command[1:])
    return Order(
        case=placed[0].case,
        folder=placed[0].folder,
        agent=said["agent"],
        model=said["model"],
        command=command,
        model_url=said["model_url"],
        model_hosts=said["model_host"],
        passed=said["pass_env"],
        network_open=said["network_open"],
    )


def _telling() -> Callable[[int, int, Done], None]:
    from pawl.render.eval_trials_text import trial_line

    def told(ended: int, of: int, done: Done) -> None:
        try:
            click.echo(trial_line(ended, of, done), err=True)
        except OSError:
            pass  # Nobody reads stderr any more; the records are kept all the same.

    return told


def _tell(done: Sequence[Done], as_json: bool) -> None:
    import msgspec

    from pawl.render.eval_trials_text import trials_text
    from pawl.services.eval_live import TrialsKept

    if as_json:
        click.echo(msgspec.json.encode(TrialsKept(trials=tuple(done))))
    else:
        click.echo(trials_text(done), nl=False)
