"""`pawl run`: one headless agent, held to limits from outside, with a record at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pawl.runs.config import Asked
    from pawl.services.runs import Ran

_COUNT = click.IntRange(min=1)


class _Command(click.Command):
    """Takes everything after the options as the agent's command; `--` may stand before it."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] -- CMD...")


@click.command(
    cls=_Command, context_settings={"allow_interspersed_args": False, "show_default": False}
)
@click.option("--max-usd", metavar="USD", help="Stop at this cost by our price table.")
@click.option(
    "--max-turns", type=_COUNT, metavar="N", help="Allow so many turns and stop the next."
)
@click.option(
    "--max-tokens", type=_COUNT, metavar="N", help="Stop at so many tokens, read and written."
)
@click.option("--max-tool-calls", type=_COUNT, metavar="N", help="Allow so many tool calls.")
@click.option("--max-subagents", type=_COUNT, metavar="N", help="Allow so many sub-agents.")
@click.option("--max-output", type=_COUNT, metavar="BYTES", help="Stop at this much stdout.")
@click.option("--timeout", metavar="TIME", help="Stop after this time, such as 10m.")
@click.option("--idle", metavar="TIME", help="Stop when nothing is heard for this time.")
@click.option("--grace", metavar="TIME", help="Time between TERM and KILL; 10s if not said.")
@click.option("--allow-tool", multiple=True, metavar="GLOB", help="Only these tools.")
@click.option("--deny-tool", multiple=True, metavar="GLOB", help="Never these tools.")
@click.option(
    "--on-unexpected-tool",
    type=click.Choice(["record", "stop"]),
    help="What a call outside the policy does that was not refused beforehand; stop.",
)
@click.option(
    "--loops", type=click.Choice(["off", "warn", "stop"]), help="What a stuck loop does; stop."
)
@click.option("--poll-tool", multiple=True, metavar="GLOB", help="A tool that repeats by design.")
@click.option(
    "--untrusted/--trusted",
    default=None,
    help="Keep the repository's own hooks, servers and settings from loading; the default in CI"
    " for a change from a fork.",
)
@click.option("--project", metavar="NAME", help="Whose work it is; the repository's name.")
@click.option(
    "--retries",
    type=click.IntRange(0, 20),
    metavar="N",
    help="New tries after transient errors; 0.",
)
@click.option(
    "--on-disk-full",
    type=click.Choice(["stop", "continue"]),
    help="What the run does when its events cannot be written; stop.",
)
@click.option(
    "--unpriced",
    type=click.Choice(["stop", "warn"]),
    help="What --max-usd does with a model that has no price; warn.",
)
@click.option("--agent", metavar="ID", help="Which agent CMD is, where its name does not tell.")
@click.option("--run-id", hidden=True, help="The id that a batch gave this run.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.run/1 object.")
@click.option("--stream", is_flag=True, help="Print the agent's own stream, unchanged.")
@click.argument("cmd", nargs=-1, type=click.UNPROCESSED, required=True)
@click.pass_obj
def command(
    data: str | None, /, cmd: tuple[str, ...], as_json: bool, stream: bool, **said: Any
) -> int:
    """Run a headless agent inside limits, and record what it did.

    stdout is what the agent was asked for, stderr is the agent's with a few words of Pawl's.
    stdin goes to the agent. Defaults come from [run] and [limits] in pawl.toml.

    Exits 0 when the agent succeeded, 1 when it failed, 3 when its output cannot be read, 5 when
    the run was refused, 6 when a limit stopped it, 130 or 143 when it was interrupted.
    """
    if as_json and stream:
        raise click.UsageError("--json and --stream exclude each other: both are for stdout.")
    from pawl import app
    from pawl.render.run import ending
    from pawl.runs.outcome import exit_code
    from pawl.services.run_around import Shown
    from pawl.services.runs import run

    shown = Shown.JSON if as_json else Shown.STREAM if stream else Shown.HANDBACK
    asked = _asked(cmd, said)
    folder = app.data_folder(data)
    ran = run(app.run_services(folder), asked, shown, _on_stdout(shown))
    try:
        click.echo(ending(ran.record, ran.told), err=True, nl=False)
    except OSError:
        pass  # Nobody reads stderr any more; the status still says how it ended.
    return exit_code(ran.record)


def _on_stdout(shown: Any) -> Any:
    def report(ran: Ran) -> bytes:
        if shown == "json":
            import msgspec

            return msgspec.json.encode(ran.record) + b"\n"
        if shown == "handback" and ran.handback is not None:
            return ran.handback
        return b""

    return report


def _asked(cmd: tuple[str, ...], said: dict[str, Any]) -> Asked:
    from pawl.base.durations import parse_duration
    from pawl.base.money import parse_usd
    from pawl.runs.config import Asked
    from pawl.runs.spec import Limits, Unpriced

    def seconds(name: str) -> float | None:
        text = said[name]
        return None if text is None else parse_duration(text, place=f"--{name}")

    usd = said["max_usd"]
    unpriced = said["unpriced"]
    return Asked(
        command=cmd,
        limits=Limits(
            wall_s=seconds("timeout"),
            idle_s=seconds("idle"),
            turns=said["max_turns"],
            tool_calls=said["max_tool_calls"],
            subagents=said["max_subagents"],
            tokens=said["max_tokens"],
            usd_micros=None if usd is None else parse_usd(usd, place="--max-usd"),
            output_bytes=said["max_output"],
        ),
        grace_s=seconds("grace"),
        agent=said["agent"],
        project=said["project"],
        allow_tools=said["allow_tool"],
        deny_tools=said["deny_tool"],
        on_unexpected_tool=said["on_unexpected_tool"],
        loops=said["loops"],
        poll_tools=said["poll_tool"],
        untrusted=said["untrusted"],
        retries=said["retries"],
        unpriced=None if unpriced is None else Unpriced(unpriced),
        on_disk_full=said["on_disk_full"],
        run_id=_run_id(said["run_id"]),
    )


def _run_id(given: str | None) -> str | None:
    """Return a run id that was given; it names a folder, so it must look like one of ours."""
    from pawl.base.errors import BadValue
    from pawl.base.ids import is_run_id

    if given is not None and not is_run_id(given):
        raise BadValue("not the id of a run.", place="--run-id")
    return given
