"""Where the events lie in ClickHouse: the URL that names it."""

from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from pawl.base.errors import BadValue

SCHEME = "clickhouse"
_FORM = "clickhouse://USER:PASSWORD@HOST:8123[,HOST:8123…]/DATABASE[?cluster=NAME]"
_SWITCHES = ("secure", "replicated")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One database of one server, or of every server of a cluster.

    `hosts` are names with their HTTP ports. Of a cluster all replicas are named: tables are made
    and months dropped on each of them; questions go to the first one that answers. `replicated`
    says that the replicas copy from each other through Keeper; without it each row is written to
    every replica of its shard.
    """

    hosts: tuple[tuple[str, int], ...]
    database: str
    user: str = "default"
    password: str = ""
    cluster: str | None = None
    secure: bool = False
    replicated: bool = False

    def __str__(self) -> str:
        """The place without the password, for messages."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{SCHEME}://{hosts}/{self.database}"

    @property
    def shared_name(self) -> str:
        """What every server that uses this database calls it, whichever host it asks first."""
        hosts = ",".join(sorted(f"{host}:{port}" for host, port in self.hosts))
        return f"{SCHEME}:{self.cluster or hosts}/{self.database}"


def read_place(url: str) -> Place:
    """Return what a URL names; raises BadValue, never with the password in it."""
    try:
        return _read(url)
    except ValueError:
        raise BadValue(
            "the URL of the events does not name a ClickHouse database.",
            place="PAWL_EVENTS_URL",
            hint=f"Write it as {_FORM}.",
        ) from None


def _read(url: str) -> Place:
    parts = urlsplit(url)
    if parts.scheme != SCHEME or not parts.netloc:
        raise ValueError(parts.scheme)
    who, _, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    asked = {name: told[-1] for name, told in parse_qs(parts.query, strict_parsing=False).items()}
    cluster = asked.pop("cluster", None)
    switches = {name: asked.pop(name, "0") not in ("0", "false") for name in _SWITCHES}
    database = unquote(parts.path.strip("/"))
    named = all(_is_name(name) for name in (database, cluster or "a"))
    if asked or not named:
        raise ValueError(database)
    usual = 8443 if switches["secure"] else 8123
    return Place(
        hosts=tuple(_host(each, usual) for each in where.split(",")),
        database=database,
        user=unquote(user) or "default",
        password=unquote(password),
        cluster=cluster,
        **switches,
    )


def _is_name(name: str) -> bool:
    """Names stand in statements as they are, so they are letters, digits and underscores."""
    return name.isascii() and name.isidentifier()


def _host(text: str, usual: int) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, str(usual)
    if not host or not 0 < int(port) < 65536:
        raise ValueError(text)
    return host.strip("[]"), int(port)
