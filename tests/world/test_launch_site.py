"""Whose work a run is, and which `pawl.toml` it obeys."""

import json
import subprocess
from pathlib import Path

from pawl.world.launch_site import launch_site, settings_texts


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Dev", "-c", "user.email=dev@example.com")
    subprocess.run(("git", *who, "-C", str(folder), *arguments), check=True)


def make_repository(folder: Path, settings: str) -> None:
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "pawl.toml").write_text(settings)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")


def test_attribution_of_a_working_tree(tmp_path: Path) -> None:
    """Project, branch and settings come from the top of the tree, wherever the run starts."""
    top = tmp_path / "shop"
    make_repository(top, "[run]\n")
    inside = top / "src"
    inside.mkdir()
    site = launch_site(inside, {"PAWL_DEVELOPER": "ada"})
    assert (site.attribution.project, site.attribution.branch) == ("shop", "main")
    assert (site.actor.person, site.actor.assurance) == ("ada", "declared")
    assert (site.settings, site.settings_from_base) == ("[run]\n", False)
    assert site.fork is False


def test_a_fork_is_judged_by_the_base_branch(tmp_path: Path) -> None:
    """The version of the target branch counts, not the one the change brings."""
    top = tmp_path / "shop"
    make_repository(top, "[limits]\nturns = 5\n")
    git(top, "update-ref", "refs/remotes/origin/main", "HEAD")
    (top / "pawl.toml").write_text("[limits]\nturns = 5000\n")
    event = tmp_path / "event.json"
    request = {"head": {"repo": {"full_name": "eve/shop"}}, "base": {"repo": {"full_name": "a/b"}}}
    event.write_text(json.dumps({"pull_request": request}))
    site = launch_site(
        top,
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_BASE_REF": "main",
        },
    )
    assert site.fork is True
    assert (site.settings, site.settings_from_base) == ("[limits]\nturns = 5\n", True)


def test_no_repository_no_settings(tmp_path: Path) -> None:
    """A bare folder is a project by its name; nothing else is known."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    site = launch_site(folder, {})
    assert (site.attribution.project, site.attribution.repo) == ("scratch", None)
    assert site.settings is None


def test_settings_files_that_the_command_names(tmp_path: Path) -> None:
    """Files are read by the path as written; inline JSON and missing files are not."""
    (tmp_path / "own.json").write_text("{}")
    command = ("claude", "--settings", "own.json", "--settings=gone.json", "--settings", '{"a":1}')
    assert settings_texts(command, str(tmp_path)) == {"own.json": "{}"}
