"""What is read out of lists of tool servers."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.mcp_config import EXTRACT, Server, read
from pawl.maturity.facts.tree import TreeFile


def _server(**said: Any) -> Server:
    found = read(".mcp.json", json.dumps({"mcpServers": {"it": said}}))
    assert found is not None
    return found.servers[0]


@pytest.mark.parametrize(
    "said",
    [
        {"command": "npx", "args": ["-y", "@team/it@1.2.3"]},
        {"command": "uvx", "args": ["it==1.2.3"]},
        {"command": "uvx", "args": ["--from", "it==1.2.3", "it-server"]},
        {"command": "uvx", "args": ["--from", "git+https://example.org/it@" + "a" * 40, "it"]},
        {"command": "docker", "args": ["run", "-i", "it@sha256:" + "0" * 64]},
        {"type": "http", "url": "https://mcp.example.org/v1"},
        {"command": ["cmd", "/c", "npx", "it@1.0.0"]},
    ],
)
def test_a_version_digest_commit_or_address_pins(said: dict[str, Any]) -> None:
    """What names one thing for good is pinned."""
    assert _server(**said).unpinned is None


@pytest.mark.parametrize(
    "said",
    [
        {"command": "npx", "args": ["-y", "@team/it"]},
        {"command": "npx", "args": ["-y", "it@latest"]},
        {"command": "npx", "args": ["it@^1"]},
        {"command": "docker", "args": ["run", "it:1.2"]},
        {"command": "it-server"},
        {"url": "http://localhost:3000"},
        {"url": "https://${HOST}/mcp"},
        {"args": ["x"]},
        {},
    ],
)
def test_everything_else_does_not(said: dict[str, Any]) -> None:
    """Tags, ranges, what the machine has and addresses that vary pin nothing."""
    assert _server(**said).unpinned


def test_a_script_of_the_repository_is_named() -> None:
    """Whoever reads the tree says whether it is there."""
    assert _server(command="python3", args=["tools/it.py"]).script == "tools/it.py"
    assert _server(command="uv", args=["run", "tools/it.py"]).script == "tools/it.py"
    assert _server(command="node", args=["${ROOT}/it.js"]).script == "it.js"
    assert _server(command="node", args=["/opt/it.js"]).script is None


def test_each_products_key_is_known() -> None:
    """The same servers stand under other names in other products' files."""
    server = {"it": {"command": "it"}}
    files = {
        ".vscode/mcp.json": {"servers": server},
        ".cursor/mcp.json": {"mcpServers": server},
        ".gemini/settings.json": {"mcpServers": server},
        "opencode.json": {"mcp": server},
    }
    for path, value in files.items():
        found = read(path, json.dumps(value))
        assert found is not None, path
        assert [each.name for each in found.servers] == ["it"]
    found = read(".codex/config.toml", "[mcp_servers.it]\ncommand = 'it'\nenabled = false\n")
    assert found is not None
    assert found.servers[0].disabled


def test_files_without_servers_are_none() -> None:
    """Settings that name no server are not a list of servers; a broken file says so."""
    assert read("opencode.json", "{}") is None
    broken = read(".mcp.json", "{")
    assert broken is not None
    assert broken.problem


def test_it_wants_these_files_only() -> None:
    """Other JSON is not looked at."""
    assert EXTRACT.wants(TreeFile("a/.mcp.json", 10, "0" * 40))
    assert not EXTRACT.wants(TreeFile("package.json", 10, "0" * 40))
    assert not EXTRACT.wants(TreeFile("not.mcp.json.md", 10, "0" * 40))


@given(
    st.sampled_from([".mcp.json", ".codex/config.toml", "opencode.json"]),
    st.text(max_size=200)
    | st.dictionaries(
        st.sampled_from(["mcpServers", "mcp"]),
        st.dictionaries(
            st.text(max_size=5),
            st.none()
            | st.dictionaries(
                st.sampled_from(["command", "args", "url"]),
                st.none() | st.text(max_size=9) | st.lists(st.text(max_size=9) | st.integers()),
            ),
            max_size=3,
        ),
    ).map(json.dumps),
)
def test_any_text_is_read(path: str, text: str) -> None:
    """No content raises."""
    read(path, text)
