"""Wiring for collections: a code host with its token, a folder, a clock."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pawl.maturity.collected import Collected
    from pawl.services.collecting import Progress

_TOKENS = {"github": ("GITHUB_TOKEN", "GH_TOKEN"), "gitlab": ("GITLAB_TOKEN",)}
_URLS = {"github": "GITHUB_API_URL", "gitlab": "CI_API_V4_URL"}


def access(
    product: Literal["github", "gitlab"], url: str | None, environment: Mapping[str, str] | None
) -> tuple[str | None, str | None]:
    """Return a host's token and the address of its API, as given or as the environment says."""
    env = os.environ if environment is None else environment
    token = next((env[name] for name in _TOKENS[product] if env.get(name)), None)
    return token, url or env.get(_URLS[product])


def collect_from(
    folder: Path,
    product: Literal["github", "gitlab"],
    repository: str,
    *,
    window: str,
    max_wait_s: float,
    progress: Progress,
    into: Path | None = None,
    url: str | None = None,
    fresh: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Collected:
    """Collect from a code host into a folder, by default one below the data folder.

    `window` is how long to look back, `90d`, or the time from when on.
    """
    import time

    from pawl.base.canonical import digest
    from pawl.services.collecting import collect, since_of
    from pawl.world.clock import now
    from pawl.world.host import github, gitlab
    from pawl.world.host.folder import CollectionFolder

    token, address = access(product, url, environment)
    host: github.GitHub | gitlab.GitLab
    if product == "github":
        host = github.GitHub(token, address or github.URL)
    else:
        host = gitlab.GitLab(token, address or gitlab.URL)
    moment = now()
    name = re.sub(r"[^a-z0-9.]+", "-", repository.lower())[:80].strip("-.")
    name = f"{name}-{digest([host.url, repository.lower()])[:8]}"
    place = (into or folder / "collected" / product / name).absolute()
    try:
        with CollectionFolder(folder / "collecting" / product / name, place) as shelf:
            return collect(
                host,
                shelf,
                repository=repository,
                window=window,
                since=since_of(window, moment),
                now=moment,
                sleep=time.sleep,
                max_wait_s=max_wait_s,
                progress=progress,
                fresh=fresh,
            )
    finally:
        host.asking.close()
