"""Jobs that publish from a cache, and what lets them."""

from typing import Any

import pytest
from tests.assets.flows import workflow

from pawl.assets.release_flows import releases_of, restores_cache

CACHE = {"uses": "actions/cache@v4"}
TOKEN = {"T": "${{ secrets.NPM }}"}


@pytest.mark.parametrize(
    ("step", "restores"),
    [
        ({"uses": "actions/cache@v4"}, True),
        ({"uses": "actions/cache/save@v4"}, False),
        ({"uses": "actions/setup-node@v4"}, False),
        ({"uses": "actions/setup-node@v4", "with": {"cache": "npm"}}, True),
        ({"uses": "actions/setup-node@v4", "with": {"cache": ""}}, False),
        ({"uses": "actions/setup-go@v5"}, True),
        ({"uses": "actions/setup-go@v5", "with": {"cache": "false"}}, False),
        ({"uses": "Swatinem/rust-cache@v2"}, True),
        ("npm ci", False),
    ],
)
def test_caches(step: Any, restores: bool) -> None:
    """An action restores a cache always, when asked to, or unless told not to."""
    (job,) = workflow("push", step).jobs
    assert restores_cache(job.steps[0]) is restores


@pytest.mark.parametrize(
    ("publish", "target"),
    [
        ({"run": "npm publish", "env": TOKEN}, "npm"),
        ({"run": "npx vsce publish -p $T", "env": TOKEN}, "a registry"),
        (
            {"uses": "softprops/action-gh-release@v2", "with": {"token": "${{ secrets.PAT }}"}},
            "release",
        ),
        ({"run": "npm publish --dry-run", "env": TOKEN}, None),
        ({"run": "npm publish"}, None),
        ({"uses": "actions/deploy-pages@v4", "with": {"token": "${{ secrets.PAT }}"}}, None),
        ({"run": "npm test", "env": TOKEN}, None),
    ],
)
def test_publishing(publish: Any, target: str | None) -> None:
    """A job publishes where a step delivers a program and something lets it."""
    found = [each.target for each in releases_of(workflow("push", CACHE, publish))]
    assert found == ([] if target is None else [target])


def test_without_a_cache_nothing_is_carried_over() -> None:
    """A release that restores nothing builds from its own."""
    assert not list(releases_of(workflow("push", {"run": "npm publish", "env": TOKEN})))
