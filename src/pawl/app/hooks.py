"""Wiring of what machines send in to the server: GitHub's deliveries, evidence of CI jobs.

`PAWL_GITHUB_WEBHOOK_SECRET` and `[changes] github` switch the first on, `.pawl/ci.yaml` of the
protected branch the second.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pawl.base.errors import BadFile, BadValue

if TYPE_CHECKING:
    from pawl.changes.ci_trust import CiTrust
    from pawl.runs.change_settings import MachineChangeSettings
    from pawl.services.app_tokens import AppTokens
    from pawl.services.changes import ChangeDesk
    from pawl.services.hooks import GitHubHook, Hooks
    from pawl.store.records.connection import Engine

SECRET = "PAWL_GITHUB_WEBHOOK_SECRET"
APP_KEY = "PAWL_GITHUB_APP_KEY"
TRUST = ".pawl/ci.yaml"


def server_hooks(folder: Path, engine: Engine, desk: ChangeDesk) -> Hooks | None:
    """Return what hears machines, over the server's open records.

    None where `[changes]` names no repository, whose protected branch would say whom to hear.
    Raises BadValue for a webhook that is half set up.
    """
    from pawl.app import now
    from pawl.app.identity import identity_on
    from pawl.app.rollouts import change_settings
    from pawl.services.ci_tokens import Keyring
    from pawl.services.hooks import Hooks, UsedTokens
    from pawl.world.clock import monotonic
    from pawl.world.host.ci_keys import fetch_keys

    repository = change_settings(folder).repository
    if repository is None:
        return None
    place = folder / repository
    return Hooks(
        remembering=identity_on(engine),
        now=now,
        github=github_hook(folder, desk, place),
        trust=lambda: ci_trust(place),
        keyring=Keyring(fetch_keys, monotonic),
        used=UsedTokens(engine, now),
        desk=desk,
    )


def ci_trust(place: Path) -> CiTrust | None:
    """Return which CI jobs are trusted, as committed on the protected branch; raises BadFile."""
    from pawl.app.change_sources import RepositorySources
    from pawl.changes.ci_trust import load_ci_trust

    text = RepositorySources(place).protected_file(TRUST)
    if text is None:
        return None
    try:
        return load_ci_trust(text.decode(), place=TRUST)
    except UnicodeDecodeError as error:
        raise BadFile("is no UTF-8 text.", place=TRUST, hint="Save it as UTF-8.") from error


def github_hook(folder: Path, desk: ChangeDesk, place: Path) -> GitHubHook | None:
    """Return what answers GitHub's deployments; None where no secret is set. Raises BadValue."""
    from pawl.app.approvals import deployed
    from pawl.app.collecting import access
    from pawl.app.rollouts import change_settings
    from pawl.services.change_terms import PAWL_ITSELF
    from pawl.services.deployment_rules import LEAST_SECRET, judge_commit
    from pawl.services.hooks import GitHubHook
    from pawl.world.host import github
    from pawl.world.host.deployments import GitHubDeployments

    secret = os.environ.get(SECRET, "")
    if not secret:
        return None
    if len(secret) < LEAST_SECRET:
        raise BadValue(
            f"The secret has fewer than {LEAST_SECRET} characters.",
            place=SECRET,
            hint="Make one with `openssl rand -hex 32`, and set it at the webhook as well.",
        )
    settings = change_settings(folder)
    if not settings.github:
        raise BadValue(
            "A webhook of GitHub is configured, and no repository of GitHub.",
            place="[changes] github",
            hint='Write it such as github = "acme/shop" in the data folder\'s pawl.toml.',
        )

    token, address = access("github", settings.github_url or None, None)
    url = address or github.URL
    # A name or an address that is none is told at the start.
    GitHubDeployments(token, settings.github, url).telling.close()
    tokens = _app_tokens(settings, url)

    def host() -> GitHubDeployments:
        return GitHubDeployments(tokens.token() if tokens else token, settings.github, url)

    return GitHubHook(
        secret=secret,
        host=host,
        judge=lambda commit: judge_commit(
            commit, desk, lambda which: deployed(place, which), PAWL_ITSELF
        ),
        sleep=time.sleep,
    )


def _app_tokens(settings: MachineChangeSettings, url: str) -> AppTokens | None:
    """Return what makes tokens of the app that answers, None where none is named."""
    from pawl.services.app_tokens import AppTokens
    from pawl.world.host.app_token import exchange

    if not settings.github_app:
        return None
    path = os.environ.get(APP_KEY, "")
    try:
        key = Path(path).read_bytes() if path else b""
    except OSError as error:
        raise BadValue(f"The app's key cannot be read: {error.strerror}.", place=APP_KEY) from error
    return AppTokens(
        settings.github_app,
        key,
        lambda signed: exchange(url, settings.github_installation, signed),
        time.time,
    )
