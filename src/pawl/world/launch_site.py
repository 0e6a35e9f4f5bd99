"""Find out where a run is started: whose work it is, and what `pawl.toml` says there."""

import os
import stat
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from pawl.base.loading import MAX_TEXT
from pawl.governance.ledger import Actor
from pawl.runs.outside import Surroundings
from pawl.telemetry.attribution import project_of
from pawl.telemetry.event import Attribution
from pawl.world.ci import CiJob, ci_job
from pawl.world.git import GitPlace, file_at, git_place
from pawl.world.machine import home_folder, login_name, machine_name

SETTINGS = "pawl.toml"


def launch_site(folder: Path, environment: Mapping[str, str]) -> Surroundings:
    """Return the surroundings of a run started in a folder.

    The developer is PAWL_DEVELOPER (declared), else the CI job's actor, else the login name.
    """
    job = ci_job(environment) or CiJob()
    git = git_place(folder)
    person = environment.get("PAWL_DEVELOPER") or job.actor or login_name()
    top = folder if git is None else git.top
    settings, from_base = _settings(top, git, job)
    return Surroundings(
        environment=environment,
        folder=str(folder),
        home=home_folder(),
        attribution=Attribution(
            project=environment.get("PAWL_PROJECT") or project_of(str(top)),
            repo=_shared(git),
            branch=job.branch or (git.branch if git else None),
            commit=job.commit or (git.commit if git else None),
            pr=job.pr,
            workflow=job.workflow,
            developer=person,
            machine=machine_name(),
        ),
        actor=_actor(person, environment, job),
        fork=job.fork,
        settings=settings,
        settings_place=f"{SETTINGS} of {job.base_branch}" if from_base else str(top / SETTINGS),
        settings_from_base=from_base,
    )


def settings_texts(command: tuple[str, ...], folder: str) -> dict[str, str]:
    """Return the texts of files that a command names after `--settings`, by the path as written."""
    named = [value for flag, value in pairwise(command) if flag == "--settings"]
    named += [part.partition("=")[2] for part in command if part.startswith("--settings=")]
    texts = {}
    for name in named:
        if not name.lstrip().startswith("{"):
            text = _text(Path(folder) / name)
            if text is not None:
                texts[name] = text
    return texts


def _settings(top: Path, git: GitPlace | None, job: CiJob) -> tuple[str | None, bool]:
    if job.fork and job.base_branch and git is not None:
        base = file_at(top, f"refs/remotes/origin/{job.base_branch}", SETTINGS)
        if base is not None:
            return base, True
    return _text(top / SETTINGS), False


def _actor(person: str, environment: Mapping[str, str], job: CiJob) -> Actor:
    if environment.get("PAWL_DEVELOPER"):
        return Actor(person=person, source="environment", assurance="declared")
    return Actor(person=person, source="ci" if job.actor else "login", assurance="observed")


def _shared(git: GitPlace | None) -> str | None:
    """Return the remote's name; a path on this machine is nobody's shared name."""
    origin = git.origin if git else None
    return None if origin is None or origin.startswith(("/", ".", "~")) else origin


def _text(path: Path) -> str | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        return file.read(MAX_TEXT + 1).decode("utf-8", "replace")


def policy_text(folder: Path, environment: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Return a file of the repository with its place, of the version that `pawl.toml` is of.

    None where there is none. The place is for messages.
    """
    job = ci_job(environment) or CiJob()
    git = git_place(folder)
    top = folder if git is None else git.top
    if git is not None and _settings(top, git, job)[1]:
        base = file_at(top, f"refs/remotes/origin/{job.base_branch}", name)
        return None if base is None else (f"{name} of {job.base_branch}", base)
    text = _text(top / name)
    return None if text is None else (str(top / name), text)
