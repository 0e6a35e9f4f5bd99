"""Wiring of what machines send in to the server: GitHub's deliveries, evidence of CI jobs.

`PAWL_GITHUB_WEBHOOK_SECRET` and `[changes] repository` switch the first on, `.pawl/ci.yaml` of the
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
    from pawl.runs.config import ChangeSettings
    from pawl.services.changes import ChangeDesk
    from pawl.services.hooks import GitHubHook, Hooks
    from pawl.services.identity import Identity
    from pawl.store.records.connection import Engine

SECRET = "PAWL_GITHUB_WEBHOOK_SECRET"
TRUST = ".pawl/ci.yaml"


def server_hooks(engine: Engine, identity: Identity, desk: ChangeDesk, place: Path) -> Hooks:
    """Return what hears machines, over the server's open records. Raises BadValue."""
    from pawl.app import now
    from pawl.services.ci_tokens import Keyring
    from pawl.services.hooks import Hooks, UsedTokens
    from pawl.world.clock import monotonic
    from pawl.world.host.ci_keys import fetch_keys

    return Hooks(
        remembering=identity,
        now=now,
        github=github_hook(desk, place),
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


def github_hook(desk: ChangeDesk, place: Path) -> GitHubHook | None:
    """Return what answers GitHub's deployments; None where no secret is set. Raises BadValue."""
    from pawl.app.approvals import rebuilt
    from pawl.app.collecting import access
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
    settings = _settings(place)
    product, _, repository = settings.repository.partition(":")
    if product != "github":
        raise BadValue(
            "A webhook of GitHub is configured, and no repository of GitHub.",
            place="[changes] repository",
            hint='Write it such as repository = "github:acme/shop".',
        )

    def host() -> GitHubDeployments:
        token, address = access("github", settings.host_url or None, None)
        return GitHubDeployments(token, repository, address or github.URL)

    host().telling.close()  # A name or an address that is none is told at the start.
    return GitHubHook(
        secret=secret,
        host=host,
        judge=lambda commit: judge_commit(
            commit, desk, lambda which: rebuilt(place, which), PAWL_ITSELF
        ),
        sleep=time.sleep,
    )


def _settings(place: Path) -> ChangeSettings:
    """Return `[changes]` of the protected branch's own pawl.toml: the working tree has no say."""
    from pawl.app.change_sources import RepositorySources
    from pawl.base.loading import load_toml
    from pawl.runs.config import ChangeSettings, Settings

    text = RepositorySources(place).protected_file("pawl.toml")
    if text is None:
        return ChangeSettings()
    return load_toml(text.decode("utf-8", "replace"), Settings, place="pawl.toml").changes
