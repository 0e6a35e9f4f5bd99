"""What an agent needs of the world in a trial, and what it is given of it: environment and hosts.

The numbers and names are in `agent_needs.yaml`, each with its source.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from pawl.base.errors import BadValue
from pawl.base.loading import load_yaml
from pawl.evals.holding import Upstream
from pawl.evals.record import Sight

GENERIC = "generic"
PROXY_PORTS = (3128, 3129)
"""Where the proxy stands on the trial's own loopback; the second where the model has the first."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one product needs. `quiet` is set, so that it speaks to nobody but its model.

    `base_urls` are variables that name the model's address, `credentials` those that open it.
    `sees` is what Pawl's reader of its output can see at all, and `hides_subagents` that it does
    not see the calls of sub-agents.
    """

    hosts: tuple[str, ...]
    base_urls: tuple[str, ...]
    credentials: tuple[str, ...]
    quiet: dict[str, str]
    sees: tuple[Sight, ...]
    hides_subagents: bool = False
    source: str


class Needs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole list. `wall_s` ends a trial whose case sets no time, `command_s` each command."""

    schema: Literal["pawl.agent-needs/1"]
    as_of: str
    machine: tuple[str, ...]
    wall_s: float
    command_s: float
    agents: dict[str, Need]
    sources: dict[str, str]

    def of(self, product: str) -> Need:
        """Return what a product needs; of one that is not listed, what any command does."""
        return self.agents.get(product, self.agents[GENERIC])


class Homes(NamedTuple):
    """The folders of one trial."""

    workspace: str
    home: str
    temporary: str


class ModelAddress(NamedTuple):
    """Where a model is spoken to."""

    host: str
    port: int

    @property
    def on_loopback(self) -> bool:
        """Whether it is on this machine."""
        return self.host in _LOOPBACK


@cache
def shipped_needs() -> Needs:
    """Return the list that comes with Pawl."""
    text = files("pawl.evals").joinpath("agent_needs.yaml").read_text(encoding="utf-8")
    return load_yaml(text, Needs, place="agent_needs.yaml")


def trial_environment(
    needs: Needs,
    product: str,
    users: Mapping[str, str],
    homes: Homes,
    *,
    passed: tuple[str, ...] = (),
    own: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the agent's environment: made anew, so that no setting of the user's steers it.

    Of the user's own it has what every program needs, the credentials of the product, and the
    variables `passed` by name. `own` are those of the case, which win. Raises BadValue for one
    that was to be passed and is not set.
    """
    need = needs.of(product)
    missing = [name for name in passed if name not in users]
    if missing:
        raise BadValue(f"{missing[0]} is not set.", place="--pass-env")
    named = (*needs.machine, *need.base_urls, *need.credentials, *passed)
    environment = {name: users[name] for name in named if name in users}
    environment |= {
        "HOME": homes.home,
        "TMPDIR": homes.temporary,
        "XDG_CONFIG_HOME": f"{homes.home}/.config",
        "XDG_DATA_HOME": f"{homes.home}/.local/share",
        "XDG_CACHE_HOME": f"{homes.home}/.cache",
        "XDG_STATE_HOME": f"{homes.home}/.local/state",
        # No repository above the throw-away one is found, and no settings of the whole machine.
        "GIT_CEILING_DIRECTORIES": homes.workspace.rpartition("/")[0],
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    environment.setdefault("TERM", "dumb")
    return environment | need.quiet | dict(own or {})


def with_proxy(environment: Mapping[str, str], port: int) -> dict[str, str]:
    """Return an environment whose programs ask the proxy on their own loopback for hosts."""
    proxy = f"http://127.0.0.1:{port}"
    found = dict(environment)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        found[name] = found[name.lower()] = proxy
    found["NO_PROXY"] = found["no_proxy"] = ",".join(_LOOPBACK)
    return found


def model_addresses(
    needs: Needs, product: str, environment: Mapping[str, str], url: str | None
) -> tuple[ModelAddress, ...]:
    """Return where the model is spoken to: as the user says, else as the environment does.

    Raises BadValue for an address that is none.
    """
    named = [url] if url else [environment.get(name) for name in needs.of(product).base_urls]
    found = [address_of(each) for each in named if each]
    return tuple(dict.fromkeys(found))


def upstream_of(users: Mapping[str, str]) -> Upstream | None:
    """Return the proxy that the user's own environment names for HTTPS; None where there is none.

    One that is itself spoken to by TLS is not known here, and is left out.
    """
    named = (users.get("https_proxy") or users.get("HTTPS_PROXY") or "").strip()
    if not named or named.startswith("https://"):
        return None
    url = named if "://" in named else f"http://{named}"
    user, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    address = address_of(url)
    spare = users.get("no_proxy") or users.get("NO_PROXY") or ""
    return Upstream(
        host=address.host,
        port=address.port,
        authorization=f"Basic {b64encode(user.encode()).decode()}" if at else "",
        direct=tuple(each.strip().lstrip(".").lower() for each in spare.split(",") if each.strip()),
    )


def address_of(url: str) -> ModelAddress:
    """Return the host and port of a URL; raises BadValue."""
    scheme, found, rest = url.partition("://")
    authority = rest.split("/")[0].split("?")[0].rpartition("@")[2]
    host, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = authority, "443" if scheme == "https" else "80"
    host = host.removeprefix("[").removesuffix("]").lower()
    valid = port.isascii() and port.isdigit() and 0 < int(port) < 65536
    if not found or scheme not in ("http", "https") or not host or not valid:
        raise BadValue(
            f"{url[:200]!r} is no address of a model.", hint="Such as https://api.example.com."
        )
    return ModelAddress(host, int(port))
