"""`pawl review`: an agent reviews a change, people decide, and the thresholds learn from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from pawl.review.review import Review

_LEVELS = ("info", "low", "medium", "high", "critical")
_COMMAND = ("claude", "-p")
_AGENT = "pawl.review.command"
_FILE = click.Path(path_type=Path)
_NEW_FILE = click.Path(path_type=Path, dir_okay=False)


class _Group(click.Group):
    """Takes what follows `--` as the agent's command, and not as a command of ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta[_AGENT] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        usage = "--base REV [OPTIONS] [-- CMD...] | COMMAND [ARGS]..."
        formatter.write_usage(ctx.command_path, usage)


@click.group(cls=_Group, invoke_without_command=True)
@click.option("--base", metavar="REV", help="What the change wants to go to.")
@click.option("--head", metavar="REV", default="HEAD", help="The change; HEAD if not said.")
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="Its number on the host.")
@click.option("--out", metavar="FILE", type=_NEW_FILE, help="Write the pawl.review/1 object there.")
@click.option("--sarif", metavar="FILE", type=_NEW_FILE, help="Write a SARIF log there.")
@click.option("--max-usd", metavar="USD", help="What all runs together may cost; 2.")
@click.option("--max-turns", type=click.IntRange(min=1), metavar="N", help="Turns of each run; 30.")
@click.option("--timeout", metavar="TIME", help="How long all runs together may take; 20m.")
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    default="high",
    show_default=True,
    help="The mildest severity that exits 1.",
)
@click.option("--agent", metavar="ID", help="Which agent CMD is, where its name does not tell.")
@click.option(
    "--untrusted/--trusted",
    default=None,
    help="Keep the repository's own hooks, servers and settings from loading; the default in CI"
    " for a change from a fork.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the pawl.review/1 object.")
@click.pass_context
def command(context: click.Context, /, **said: Any) -> int | None:
    """Have an agent review a change, and keep what a person can act on.

    Reads what HEAD changes since it left BASE, in parts where it is large, and asks the agent in
    CMD (`claude -p`) about each through `pawl run`, with tools that only read. The question comes
    on the agent's stdin. Findings that quote no changed line, or name no remedy, are dropped;
    those below their category's confidence wait in the triage queue.

    Exits 0 when nothing at or above --fail-on is found, 1 when something is, 3 when the change
    could not be reviewed, 5 when the agent was refused, and 6 when a limit left a part unread.
    """
    if context.invoked_subcommand is not None:
        return None
    if said["base"] is None:
        raise click.UsageError("Missing option '--base': what does the change want to go to?")
    review = _review(context.obj, context.meta.get(_AGENT) or _COMMAND, said)
    _write(review, said["out"], said["sarif"])
    if said["as_json"]:
        import msgspec

        click.echo(msgspec.json.encode(review).decode())
    else:
        from pawl.render.review_text import review_text

        click.echo(review_text(review), nl=False)
    return review.exit_code


@command.command("post")
@click.argument("file", type=_FILE)
@click.option("--host", "product", required=True, type=click.Choice(("github", "gitlab")))
@click.option("--repository", required=True, metavar="NAME", help="OWNER/REPO or GROUP/PROJECT.")
@click.option("--number", required=True, type=click.IntRange(min=1), metavar="N")
@click.option("--head", metavar="SHA", help="The commit that FILE must be about.")
@click.option("--host-url", metavar="URL", help="Its API; as the CI system says otherwise.")
@click.option("--link", metavar="URL", default="", help="Where the job can be seen.")
@click.option("--max-wait", metavar="TIME", help="How long the host's limits are waited for; 5m.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.review-post/1 object.")
def post(
    file: Path,
    product: Any,
    repository: str,
    number: int,
    head: str | None,
    host_url: str | None,
    link: str,
    max_wait: str | None,
    as_json: bool,
) -> int:
    """Show the review in FILE as one comment under a change, and keep it up to date.

    Runs no model, and believes nothing in FILE. The token comes from GITHUB_TOKEN or GITLAB_TOKEN.
    A FILE that is missing, cannot be read or is about something else becomes a comment that says
    so, and exit 3.
    """
    from pawl import app
    from pawl.app.reviewing import post_review, review_in
    from pawl.base.durations import parse_duration
    from pawl.base.errors import CannotTell
    from pawl.render.review_comment import failure_comment, plain_link, review_comment
    from pawl.review.review import to_be_posted

    shown = plain_link(link, place="--link")
    wait = None if max_wait is None else parse_duration(max_wait, place="--max-wait")
    now, status = app.now(), 0
    try:
        review = to_be_posted(review_in(file), number=number, head=head, now=now)
        at, body = review.at, review_comment(review, link=shown)
    except CannotTell as failure:
        click.echo(f"pawl: {failure}", err=True)
        at, body, status = now, failure_comment(failure.message, now, link=shown), 3
    posted = post_review(
        product,
        repository,
        number,
        body,
        at,
        told=lambda seconds, why: click.echo(f"pawl: waits {seconds:.0f} s: {why}", err=True),
        url=host_url,
        max_wait_s=wait,
    )
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(posted).decode())
    else:
        click.echo(f"{posted.action}: comment {posted.comment or 'of a later review'}")
    return status


@command.command("feedback")
@click.argument("file", type=_FILE)
@click.argument("finding")
@click.argument("verdict", type=click.Choice(("act", "dismiss")))
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the ledger.")
@click.pass_obj
def feedback(data: str | None, file: Path, finding: str, verdict: Any, reason: str) -> int:
    """Say whether a FINDING of the review in FILE was worth acting on.

    The decision goes into the ledger, and moves the threshold of the finding's category within
    its bounds.
    """
    from pawl import app
    from pawl.app.reviewing import judge_finding, review_in

    found, before, after = judge_finding(
        app.data_folder(data), review_in(file), finding, verdict, reason
    )
    click.echo(f"{found.id}: {verdict}. {found.category.value}: {after.why}.")
    if after.threshold != before.threshold:
        click.echo(f"threshold {before.threshold:.2f} -> {after.threshold:.2f}")
    return 0


@command.command("queue")
@click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]...")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.review-queue/1 object.")
@click.pass_obj
def queue(data: str | None, files: tuple[Path, ...], as_json: bool) -> int:
    """List the findings that wait for somebody to decide, from here and from reviews in FILEs."""
    from pawl import app
    from pawl.app.reviewing import queue_here, review_in
    from pawl.render.review_text import queue_text

    found = queue_here(app.data_folder(data), [review_in(file) for file in files])
    _show(found, as_json, lambda: queue_text(found))
    return 0


@command.command("thresholds")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.review-thresholds/1 object.")
@click.pass_obj
def thresholds(data: str | None, as_json: bool) -> int:
    """Show how sure a finding must be, by category, and what moved that."""
    from pawl import app
    from pawl.app.reviewing import thresholds_here
    from pawl.render.review_text import thresholds_text

    found = thresholds_here(app.data_folder(data))
    _show(found, as_json, lambda: thresholds_text(found))
    return 0


def _show(value: object, as_json: bool, text: Callable[[], str]) -> None:
    if not as_json:
        click.echo(text(), nl=False)
        return
    import msgspec

    click.echo(msgspec.json.encode(value).decode())


def _review(data: str | None, cmd: tuple[str, ...], said: dict[str, Any]) -> Review:
    from pawl import app
    from pawl.app.reviewing import Asking, Reviewing
    from pawl.base.durations import parse_duration
    from pawl.base.errors import Kind, PawlError
    from pawl.base.money import parse_usd
    from pawl.cli.exits import OF_KIND

    usd, timeout = said["max_usd"], said["timeout"]
    asking = Asking(
        base=said["base"],
        head=said["head"],
        command=cmd,
        number=said["number"],
        agent=said["agent"],
        fail_on=said["fail_on"],
        usd_micros=None if usd is None else parse_usd(usd, place="--max-usd"),
        turns=said["max_turns"],
        seconds=None if timeout is None else parse_duration(timeout, place="--timeout"),
        untrusted=said["untrusted"],
    )
    reviewing = Reviewing(
        app.data_folder(data), asking, lambda text: click.echo(f"pawl: {text}", err=True)
    )
    try:
        return reviewing.review()
    except PawlError as error:
        if error.kind is Kind.ASKED_WRONGLY:
            raise
        click.echo(f"pawl: {error}", err=True)
        return reviewing.failed(error, OF_KIND[error.kind])


def _write(review: Review, out: Path | None, sarif: Path | None) -> None:
    import msgspec

    from pawl.base.errors import Unavailable
    from pawl.render.review_sarif import review_sarif

    wanted = ((out, lambda: review), (sarif, lambda: review_sarif(review)))
    for path, value in wanted:
        if path is None:
            continue
        told = msgspec.json.format(msgspec.json.encode(value()), indent=2) + b"\n"
        try:
            path.write_bytes(told)
        except OSError as error:
            raise Unavailable(f"cannot be written: {error.strerror}.", place=str(path)) from error
