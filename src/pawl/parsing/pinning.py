"""Say what pins a command that starts a server of tools: a version, a commit, a digest, or nothing.

Packages are fetched by `npx`, `uvx` and the like; images by `docker`. What the machine happens to
have installed is not pinned either, but nothing new is fetched for it.
"""

import re
from collections.abc import Iterator

import msgspec

from pawl.base.patterns import regex
from pawl.parsing.ci.commands import program

_FETCHERS = frozenset({"npx", "bunx", "pnpx", "uvx", "pipx", "npm", "pnpm", "yarn", "uv", "bun"})
_VALUED = frozenset(
    {"--from", "--with", "-p", "--package", "--python", "--registry", "--index-url"}
)
_VERSION = regex(r"(?:@|==)v?\d+(?:\.\d+){1,3}(?:[-+.]?[\w.]{1,40})?")
_COMMIT = regex(r"@[0-9a-f]{40}\b")
_DIGEST = regex(r"@sha256:[0-9a-f]{64}\b")
_OWN = regex(r"(?:\$\{?\w{1,60}\}?/|\./)?[\w.-]{1,80}(?:/[\w.-]{1,80}){0,10}")
_SUFFIXES = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".sh", ".php")


class Pin(msgspec.Struct, frozen=True):
    """What pins a command: `unpinned` says why nothing does, None when something does.

    `script` is the path of this repository that it runs, where it does; `fetches` says that it
    takes a package or an image from elsewhere.
    """

    unpinned: str | None = None
    script: str | None = None
    fetches: bool = False


def pin_of(words: tuple[str, ...]) -> Pin:
    """Return what pins a command, given as its words."""
    if words[:2] == ("cmd", "/c"):
        words = words[2:]
    if not words:
        return Pin("it names no command")
    name = program(words[0])
    if name in ("docker", "podman"):
        pinned = any(map(_DIGEST.search, words))
        return Pin(None if pinned else "its image has no digest", fetches=True)
    script = _script(words)
    if name in _FETCHERS and not (name in ("uv", "bun", "npm", "pnpm", "yarn") and script):
        package = next(_packages(words[1:]), "")
        if _VERSION.search(package) or _COMMIT.search(package):
            return Pin(fetches=True)
        return Pin(f"`{package[:80] or name}` has no exact version", fetches=True)
    if script:
        return Pin(script=script)
    return Pin(f"`{words[0][:80]}` is what the machine has")


def _packages(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the package that a fetching runner takes: what an option names, or the first word."""
    for at, word in enumerate(words[:-1]):
        if word in ("--from", "-p", "--package"):
            yield words[at + 1]
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _VALUED:
            skip = True
        elif not word.startswith("-") and word not in ("exec", "dlx", "x", "run", "tool"):
            yield word


def _script(words: tuple[str, ...]) -> str | None:
    """Return the file of this repository that a command runs, as far as its form tells."""
    for word in words[:6]:
        relative = _OWN.fullmatch(word) is not None and not word.startswith("@")
        if relative and (word.endswith(_SUFFIXES) or word.startswith("./")):
            return re.sub(r"^\$\{?\w{1,60}\}?/", "", word).removeprefix("./")
    return None
