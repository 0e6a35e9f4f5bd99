"""Everything that pipelines fetch is pinned by a commit or by hashes."""

import json
import re

import pytest
from tests.pipelines.made import AGENTS

from pawl.base.errors import BadValue
from pawl.pipelines.shipped import agent_named, lock_of, shipped


def test_actions_are_named_by_full_commits() -> None:
    """Each action has a full commit, the release that it is, and where that is published."""
    for action in shipped().actions.values():
        assert re.fullmatch(r"[0-9a-f]{40}", action.commit)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", action.version)
        assert action.source.endswith(action.version)


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_is_locked_with_the_hash_of_each_package(agent: str) -> None:
    """The lock is of the version named, and no package of it lacks its hash or names a registry."""
    package, lock = (json.loads(text) for text in lock_of(agent))
    about = agent_named(agent)
    assert package["dependencies"] == {about.package: about.version}
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    held = {name: each for name, each in lock["packages"].items() if name}
    assert held[f"node_modules/{about.package}"]["version"] == about.version
    assert all(each["integrity"].startswith("sha512-") for each in held.values())
    assert "resolved" not in json.dumps(lock)


def test_the_binaries_of_each_machine_are_in_the_lock() -> None:
    """Agents that come as binaries have those of Linux on both processors."""
    for agent in ("claude-code", "codex"):
        names = json.loads(lock_of(agent)[1])["packages"]
        assert any("linux-x64" in name for name in names)
        assert any("linux-arm64" in name for name in names)


def test_an_agent_that_cannot_be_installed_names_those_that_can() -> None:
    """A name without a lock is refused with the names that have one."""
    with pytest.raises(BadValue, match="nobody"):
        lock_of("nobody")
