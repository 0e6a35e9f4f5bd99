"""What an agent is given of the world in a trial."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base import catalogue
from pawl.base.errors import BadValue
from pawl.evals.agent_needs import (
    Homes,
    ModelAddress,
    address_of,
    model_addresses,
    shipped_needs,
    trial_environment,
    upstream_of,
    with_proxy,
)
from pawl.runs import agents

HOMES = Homes("/t/x/workspace", "/t/x/home", "/t/x/tmp")
NEEDS = shipped_needs()


def test_every_product_is_listed_with_a_source() -> None:
    """Each agent that Pawl can run has its entry, and each judgement its source."""
    assert set(catalogue.names(agents)) == set(NEEDS.agents)
    assert all(need.source for need in NEEDS.agents.values())
    assert set(NEEDS.sources) == {"machine", "wall_s", "command_s"}


@given(
    users=st.dictionaries(
        st.sampled_from(
            (
                "HOME",
                "PATH",
                "CLAUDE_CONFIG_DIR",
                "AWS_SECRET_ACCESS_KEY",
                "OPENAI_API_KEY",
                "ANTHROPIC_API_KEY",
                "GIT_DIR",
                "XDG_CONFIG_HOME",
                "NODE_OPTIONS",
                "TMPDIR",
            )
        ),
        st.text(max_size=5),
    )
)
def test_nothing_of_the_users_gets_in_that_is_not_listed(users: dict[str, str]) -> None:
    """Of the user's environment an agent gets what its list names, and homes of its own."""
    found = trial_environment(NEEDS, "claude-code", users, HOMES)
    assert {name for name in found if found[name] == users.get(name)} <= {
        "PATH", "ANTHROPIC_API_KEY", "HOME", "TMPDIR", "XDG_CONFIG_HOME",
    }  # fmt: skip
    assert (found["HOME"], found["TMPDIR"]) == (HOMES.home, HOMES.temporary)
    assert not {"AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GIT_DIR", "NODE_OPTIONS"} & set(found)
    assert found["GIT_CEILING_DIRECTORIES"] == "/t/x"


def test_what_is_passed_by_name_gets_in() -> None:
    """A named variable is handed over, the case's own wins, and one that is not set is refused."""
    users = {"TOKEN": "1", "MODE": "users"}
    found = trial_environment(
        NEEDS, "generic", users, HOMES, passed=("TOKEN", "MODE"), own={"MODE": "case"}
    )
    assert (found["TOKEN"], found["MODE"]) == ("1", "case")
    with pytest.raises(BadValue, match="GONE is not set"):
        trial_environment(NEEDS, "generic", users, HOMES, passed=("GONE",))


def test_the_proxy_is_named_to_every_program() -> None:
    """Programs that read either case of the variables find the proxy, and loopback is direct."""
    found = with_proxy({"A": "b"}, 3129)
    assert found["https_proxy"] == found["HTTP_PROXY"] == "http://127.0.0.1:3129"
    assert "127.0.0.1" in found["NO_PROXY"].split(",")
    assert found["A"] == "b"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080),
        ("https://API.example.com/v1", "api.example.com", 443),
        ("http://user:secret@[::1]:99/x?y", "::1", 99),
        ("http://localhost", "localhost", 80),
    ],
)
def test_an_address_is_read_from_a_url(url: str, host: str, port: int) -> None:
    """Host and port are taken from the URL, the port from its scheme where none is said."""
    assert address_of(url) == ModelAddress(host, port)


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://x:0", "http://x:a", "x:80"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """A URL without a host, with no port that can be, or of another scheme is an error."""
    with pytest.raises(BadValue):
        address_of(url)


def test_the_models_address_is_the_users_then_the_environments() -> None:
    """A URL that is given outranks the variables; without either nothing is known."""
    environment = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
    assert model_addresses(NEEDS, "claude-code", environment, None) == (("127.0.0.1", 9),)
    told = model_addresses(NEEDS, "claude-code", environment, "https://gateway.example")
    assert told == (("gateway.example", 443),)
    assert model_addresses(NEEDS, "codex", environment, None) == ()
    assert ModelAddress("127.0.0.1", 9).on_loopback
    assert not ModelAddress("127.0.0.1.example", 9).on_loopback


def test_the_machines_own_proxy_is_found() -> None:
    """Host, port and credentials come from its URL, and who is asked directly from the list."""
    users = {"HTTPS_PROXY": "http://me:s3@proxy.corp:8080/", "NO_PROXY": ".corp, 10.0.0.1"}
    found = upstream_of(users)
    assert found is not None
    assert (found.host, found.port, found.direct) == ("proxy.corp", 8080, ("corp", "10.0.0.1"))
    assert found.authorization == "Basic bWU6czM="
    bare = upstream_of({"https_proxy": "proxy.corp:3128"})
    assert bare is not None
    assert (bare.host, bare.port, bare.authorization) == ("proxy.corp", 3128, "")
    assert upstream_of({}) is None
    assert upstream_of({"HTTPS_PROXY": "https://proxy.corp"}) is None
