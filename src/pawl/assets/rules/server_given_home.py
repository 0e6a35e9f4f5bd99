"""A server of tools is handed a whole home or the whole machine.

Bad: `"args": ["@modelcontextprotocol/server-filesystem", "/"]`, `"~"`, `"/Users/ada"`,
`docker run -v /:/host`. Its tools read what the agent's own rules keep closed, keys among it; rules
about files do not hold for servers.

Instead: hand it the project: `"."`, `${CLAUDE_PROJECT_DIR}`, or a certain folder.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.servers import Server
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_WIDE = regex(
    r"/|~/?|\$HOME/?|\$\{HOME\}/?|\$\{env:HOME\}/?|\$\{userHome\}/?|%USERPROFILE%[\\/]?"
    r"|/(?:home|Users|root|etc|mnt|Volumes)/?|/(?:home|Users)/[^/\s]{1,60}/?"
    r"|[A-Za-z]:[\\/]{0,2}|[A-Za-z]:[\\/]{1,2}Users(?:[\\/]{1,2}[^\\/\s]{1,60})?[\\/]{0,2}"
)
_OPTIONS = ("-v", "--volume", "--mount")


def _check(assets: Assets) -> Iterator[Hit]:
    for server in assets.all_servers:
        given = next(_wide(server), None)
        if given is not None and server.values.get("disabled") is not True:
            yield Hit(
                path=server.path,
                line=server.line,
                message=f"The server {server.name[:60]} is given all of `{given}`.",
                subject=server.name,
            )


def _wide(server: Server) -> Iterator[str]:
    for at, word in enumerate(server.words[1:], 1):
        for part in _parts(server.words[at - 1], word):
            if _WIDE.fullmatch(part) is not None:
                yield part


def _parts(before: str, word: str) -> tuple[str, ...]:
    """Return the folders that an argument hands over."""
    if before == "-w" or before == "--workdir":
        return ()
    name, sign, value = word.partition("=")
    if before in _OPTIONS or name in _OPTIONS:
        text = value if sign and name in _OPTIONS else word
        sources = [each[2] for each in (pair.partition("=") for pair in text.split(","))
                   if each[0] in ("source", "src")]  # fmt: skip
        if sources:
            return tuple(sources)
        drive = len(text) > 2 and text[1] == ":" and text[0].isalpha() and text[2] in "\\/"
        head, _, rest = text.partition(":")
        return (f"{head}:{rest.partition(':')[0]}" if drive else head,)
    # A word such as `/c` or `/` after `cmd` is an option of that program.
    return (value,) if sign and name.startswith("-") else (word,)


RULE = Rule(
    title="A server of tools is handed a home or the whole machine",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MCP, Kind.SETTINGS, Kind.PLUGIN}),
    check=_check,
    source="https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    as_of="2026-11-21",
    hint="Hand it the project's folder, or a certain one.",
)
