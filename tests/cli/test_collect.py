"""`pawl collect` as a command: one object, an exit status that means something, no token told."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tests.world.host.collected import TOKEN
from tests.world.host.fake_host import NOW, FakeHost, github, gitlab, limited, serving, told

from pawl.base.errors import PawlError
from pawl.cli.collect import command
from pawl.cli.exits import OF_KIND
from pawl.services.exports import read_exports
from pawl.world.evidence_files import handed_over

VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "GITHUB_API_URL", "CI_API_V4_URL")


@pytest.fixture(autouse=True)
def _a_known_time_and_no_token_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("pawl.world.clock.now", lambda: NOW)


def collect(host: FakeHost, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run the command against a fake host; return its exit status, stdout and stderr."""
    with serving(host) as url:

        @click.command(context_settings={"ignore_unknown_options": True})
        @click.argument("given", nargs=-1, type=click.UNPROCESSED)
        @click.pass_context
        def whole(context: click.Context, given: tuple[str, ...]) -> None:
            context.obj = None
            try:
                status = command.main(list(given), standalone_mode=False, obj=None)
            except PawlError as error:
                click.echo(str(error), err=True)
                status = OF_KIND[error.kind]
            context.exit(int(status))

        ran = CliRunner().invoke(whole, ["--", *arguments, "--url", url], env=environment)
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, ran.stdout, ran.stderr


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    """Programs read what was brought, from when on, and whether it is all."""
    status, out, err = collect(
        github(), "github", "acme/shop", "--json", "--into", str(tmp_path / "d"),
        "--since", "2026-08-23", GITHUB_TOKEN=TOKEN,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(out)
    assert (status, err) == (0, "")
    assert (told["schema"], told["complete"], told["changes"]) == ("pawl.collect/1", True, 5)
    assert told["complete_since"] == "2026-08-23T00:00:00.000000Z"
    assert TOKEN not in out
    assert read_exports([], handed_over([tmp_path / "d"])).host


@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_the_token_comes_from_the_environment(variable: str) -> None:
    """It goes with each request and into no output."""
    host = github()
    _, out, err = collect(host, "github", "acme/shop", **{variable: TOKEN})
    assert {headers["authorization"] for _, headers, _ in host.log} == {f"Bearer {TOKEN}"}
    assert TOKEN not in out + err


def test_a_token_for_one_product_does_not_go_to_the_other() -> None:
    """GitLab never sees GitHub's token."""
    host = gitlab()
    collect(host, "gitlab", "acme/shop", GITHUB_TOKEN=TOKEN)
    assert host.log
    assert not any(TOKEN in text for _, headers, _ in host.log for text in headers.values())


def test_text_tells_what_to_do_next() -> None:
    """People see what there is, where it is, and the next command."""
    status, out, _ = collect(gitlab(), "gitlab", "acme/shop", "--since", "2026-08-23")
    assert status == 0
    assert "5 changes since 2026-08-23" in out
    assert "pawl assess --evidence" in out


def test_something_missing_cannot_be_told() -> None:
    """Exit status 3, with the part and the host's own words."""
    host = github()
    host.answers["/repos/acme/shop/teams"] = told({"message": "Must have admin rights"}, 403)
    status, out, _ = collect(host, "github", "acme/shop", "--since", "2026-08-23")
    assert status == 3
    assert "members: the host answers 403: Must have admin rights" in out


def test_a_limit_stops_it_and_says_how_to_go_on() -> None:
    """Exit status 3: what was asked for is not all there."""
    host = github()
    host.fault = lambda number, path: limited(429, Retry_After="60") if number >= 30 else None
    asked = ("github", "acme/shop", "--max-wait", "0s", "--since", "2026-08-23")
    status, out, _ = collect(host, *asked)
    assert status == 3
    assert "Run the same command again to go on." in out


def test_a_wait_is_told_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a while says why, and leaves stdout alone."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    host = github()
    host.fault = lambda number, path: limited(429, Retry_After="1") if number == 30 else None
    status, out, err = collect(
        host, "github", "acme/shop", "--since", "2026-08-23", "--max-wait", "2s", "--json"
    )
    assert status == 0
    assert json.loads(out)["waited_s"] == 1
    assert slept == [1.0]
    assert err == "pawl: waiting 1.0 s: the host answers 429: API rate limit exceeded.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("github", "shop"),
        ("github", "acme/other"),
        ("github", "acme/shop", "--since", "later"),
        ("github", "acme/shop", "--max-wait", "long"),
        ("gitlab", "shop"),
    ],
)
def test_what_was_asked_wrongly_says_so(arguments: tuple[str, ...]) -> None:
    """A bad name, window or duration is exit status 2."""
    status, out, err = collect(github(), *arguments)
    assert (status, out) == (2, "")
    assert err


def test_a_dump_is_not_put_over_something_else(tmp_path: Path) -> None:
    """A folder with other things in it is left alone."""
    (tmp_path / "mine.txt").write_text("x")
    status, _, err = collect(github(), "github", "acme/shop", "--into", str(tmp_path))
    assert status == 2
    assert "--into" in err
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.txt"]
