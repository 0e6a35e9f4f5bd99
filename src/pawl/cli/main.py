"""`pawl`: nouns, then verbs. Each command is imported only when it is asked for.

`pawl --help` stays under 100 ms because it reads one-line summaries from a table here instead of
importing the commands; a house test holds the table and the commands together.
"""

import importlib
import sys
from collections.abc import Sequence

import click

from pawl import __version__
from pawl.base.errors import PawlError
from pawl.cli.exits import OF_KIND, Exit

COMMANDS = {
    "alerts": ("alerts", "See what needs attention now, and try the rules on the past."),
    "assess": ("assess", "Where a repository stands on the maturity models, from evidence."),
    "batch": ("batch", "Run an agent over many items, and leave one result line an item."),
    "budgets": (
        "budgets",
        "Budgets: what is spent, reserved and left of each, and when it renews.",
    ),
    "cadence": (
        "cadence",
        "Recurring duties: what is due, with its numbers filled in, and what was done.",
    ),
    "canary": (
        "canary",
        "Prove that a gate bites: plant a fault in a copy, and see the gate refuse it.",
    ),
    "ceremony": (
        "ceremony",
        "Hold an assessment: attach evidence, agree on findings, plan actions, close it.",
    ),
    "cheapest-path": (
        "cheapest_path",
        "The least work, by declared effort, that reaches a level of a dimension.",
    ),
    "change": (
        "change",
        "Changes of prompts, policy, tools, models and code: open, approve, roll out, go back.",
    ),
    "ci": (
        "ci",
        "Write pipelines that put agents into CI in their safe form, and watch over them.",
    ),
    "collect": ("collect", "Fetch from a code host what an assessment judges by."),
    "cost": ("cost", "Who spent what, on what: a bill that counts each request once."),
    "diff": ("diff", "What changed between two assessments, each change with exactly one cause."),
    "doctor": ("doctor", "Check this machine: data folder, agents, transcripts, price table."),
    "eval": (
        "eval",
        "Whether agents still behave: cases, records of trials, and the gate over them.",
    ),
    "events": (
        "events",
        "Copy the events into ClickHouse, drop old months, or forget a person.",
    ),
    "exception": (
        "exception",
        "Set a gate aside for one change: asked for, given by somebody else, ending by itself.",
    ),
    "exempt": ("exempt", "Which exemptions count here, which have ended, and which never did."),
    "explain": (
        "explain",
        "Explain a dimension, level or criterion of a recorded assessment, down to its evidence.",
    ),
    "gate": ("gate", "Whether a change may ship, why, and what another policy would have said."),
    "hook": ("hook", "Answer an agent's hook (agents call this, people do not)."),
    "import": ("import_", "Read the agents' local transcripts into Pawl."),
    "ledger": ("ledger", "Verify, checkpoint, show, prove or export the record of every decision."),
    "lint": ("lint", "What is wrong with the files that steer agents."),
    "raci": ("raci", "Who answers for which work, and who may approve a change of it."),
    "readiness": (
        "readiness",
        "Whether agents may run in production here, and what is missing.",
    ),
    "review": ("review", "Have an agent review a change, and keep what a person can act on."),
    "roadmap": (
        "roadmap",
        "Each gap as a dated goal, the most risk removed per effort first, and a 90-day plan.",
    ),
    "run": ("run", "Run a headless agent inside limits, and record what it did."),
    "runs": ("runs", "List runs, or show one."),
    "score": (
        "score",
        "Operational maturity as one number, to order investments.",
    ),
    "token": ("token", "Hand out, list and take back the tokens that a server knows people by."),
    "trend": (
        "trend",
        "What each recorded assessment of a repository measured, oldest first.",
    ),
    "up": ("up", "Serve the dashboard."),
    "verify-assessment": (
        "verify_assessment",
        "Make an assessment again from what its bundle holds, and compare the bytes.",
    ),
    "what-if": (
        "what_if",
        "Where a repository would stand if a probe answered otherwise, or on another day.",
    ),
    "why-not": (
        "why_not",
        "What keeps the next level of a dimension away, and what to do about it.",
    ),
}
"""Command name → (module in pawl.cli, summary). The module exposes a click `command`."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        _import_msgspec()
        module = importlib.import_module(f"pawl.cli.{COMMANDS[cmd_name][0]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    metavar="DIR",
    envvar="PAWL_DATA",
    help="Where Pawl keeps its data; the platform's user data folder by default.",
)
@click.version_option(__version__, prog_name="pawl")
@click.pass_context
def pawl(context: click.Context, data: str | None) -> None:
    """Operate AI agents in production and keep every gain.

    Exit statuses: 0 yes, 1 no, 2 asked wrongly, 3 cannot tell, 4 a bug of ours, 5 run refused,
    6 run stopped by a limit, 130 and 143 interrupted.
    """
    context.obj = data


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors become one message on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["hook"] and given[1:2] not in ([], ["--help"], ["-h"]):
        # An agent waits for this answer before every tool call: no option parsing, no imports.
        from pawl.cli.hook import answer

        return answer(given[1:])
    try:
        status = pawl.main(args=given, prog_name="pawl", standalone_mode=False)
        return status if isinstance(status, int) else Exit.YES
    except PawlError as error:
        return fail(error)
    except click.UsageError as error:
        error.show(file=sys.stderr)
        return Exit.ASKED_WRONGLY
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return Exit.ASKED_WRONGLY
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our stdout has gone; there is nobody to tell.
        sys.stderr.close()
        return Exit.YES
    except Exception:
        return _bug()


def _import_msgspec() -> None:
    """Import msgspec without typing_extensions, which takes longer than all else it needs.

    It asks that package first for names that every Python we support has in `typing`. The
    package stays importable for whoever comes after.
    """
    if "msgspec" in sys.modules or "typing_extensions" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]


def fail(error: PawlError) -> int:
    """Print an expected failure for people and return the exit status of its kind."""
    place = f"{error.place}: " if error.place else ""
    click.echo(f"pawl: {place}{error.message}", err=True)
    if error.hint:
        click.echo(f"  {error.hint}", err=True)
    return OF_KIND[error.kind]


def _bug() -> int:
    import traceback

    click.echo(
        f"pawl {__version__}: this is a defect of Pawl's. Please report what follows.\n"
        f"{traceback.format_exc()}",
        err=True,
    )
    return Exit.BUG
