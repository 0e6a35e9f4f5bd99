"""Container files: which images are built on or run, and whether a digest pins them.

Reads Dockerfiles and compose files. An image that a build argument names is pinned when the
argument's own default is.
"""

import re
from pathlib import PurePosixPath

import msgspec

from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.lined_yaml import Lined, read_lined

MAX_IMAGES = 100
DOCKERFILE = regex(
    r"^(?:(?:dockerfile|containerfile)(?:[.-].+)?|.+\.(?:dockerfile|containerfile))$", re.I
)
COMPOSE = regex(r"^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
ARGUMENT = regex(r"\$\{?(\w+)(?::-([^}]*))?\}?")


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """One image. `pinned` says that a digest names it; `latest` that its tag says nothing."""

    name: str
    line: int | None = None
    pinned: bool = False
    latest: bool = False


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service of a compose file, with its restart policy; empty when it declares none."""

    name: str
    restart: str = ""
    healthcheck: bool = False
    line: int | None = None


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """One container file. `user` is who a Dockerfile's last stage runs as, empty for root."""

    images: tuple[Image, ...] = ()
    services: tuple[Service, ...] = ()
    user: str = ""
    healthcheck: bool = False
    problem: str | None = None


def wants(file: TreeFile) -> bool:
    """Say whether a path is a Dockerfile or a compose file."""
    name = file.path.rpartition("/")[2]
    lower = name.lower()
    if "dockerfile" in lower or "containerfile" in lower:
        return DOCKERFILE.match(name) is not None and "node_modules/" not in file.path
    return "compose" in lower and COMPOSE.match(name) is not None


def image(text: str, line: int | None) -> Image:
    """Return an image from how it is written."""
    plain, _, digest = text.partition("@")
    tag = plain.rpartition("/")[2].partition(":")[2]
    pinned = bool(re.fullmatch(r"sha256:(?!0+$)[0-9a-f]{64}", digest))
    return Image(
        name=text[:200], line=line, pinned=pinned, latest=not pinned and tag in ("", "latest")
    )


def _filled(text: str, arguments: dict[str, str]) -> str:
    """Return a text with build arguments replaced by their defaults, where they have one."""
    return ARGUMENT.sub(lambda it: arguments.get(it.group(1)) or it.group(2) or it.group(), text)


def _dockerfile(text: str) -> Container:
    arguments: dict[str, str] = {}
    stages: set[str] = {"scratch"}
    images: list[Image] = []
    user, healthcheck = "", False
    for number, line in enumerate(text.splitlines(), 1):
        words = line[:1000].split()
        verb = words[0].upper() if words else ""
        if verb == "ARG" and len(words) > 1:
            name, _, value = words[1].partition("=")
            arguments[name] = value.strip("\"'")
        elif verb == "FROM" and len(words) > 1 and len(images) < MAX_IMAGES:
            user = ""
            rest = [word for word in words[1:] if not word.startswith("--")]
            named = rest[0] if rest else ""
            named = ARGUMENT.sub(
                lambda found: arguments.get(found.group(1)) or found.group(2) or found.group(),
                named,
            )
            if named and named.lower() not in stages:
                images.append(image(named, number))
            if len(rest) > 2 and rest[1].upper() == "AS":
                stages.add(rest[2].lower())
        elif verb == "USER" and len(words) > 1:
            user = words[1] if words[1] not in ("root", "0", "0:0") else ""
        elif verb == "HEALTHCHECK":
            healthcheck = words[1:2] != ["NONE"]
        for source in words[1:] if verb == "COPY" else ():
            origin = source.removeprefix("--from=")
            outside = origin != source and not origin.isdigit() and origin.lower() not in stages
            if outside and len(images) < MAX_IMAGES:
                images.append(image(origin, number))
    return Container(images=tuple(images), user=user[:60], healthcheck=healthcheck)


def _compose(lined: Lined) -> Container | None:
    root = lined.value if isinstance(lined.value, dict) else {}
    services = root.get("services")
    if not isinstance(services, dict):
        return None
    images, read = [], []
    for name, value in list(services.items())[:MAX_IMAGES]:
        if not isinstance(value, dict):
            continue
        named = value.get("image")
        # A service that is built here is pinned by its own Dockerfile.
        if isinstance(named, str) and "build" not in value:
            images.append(image(named, lined.line("services", name, "image")))
        deploy = value.get("deploy")
        policy = deploy.get("restart_policy") if isinstance(deploy, dict) else None
        condition = policy.get("condition", "any") if isinstance(policy, dict) else ""
        restart = value.get("restart") or condition
        read.append(
            Service(
                name=name[:100],
                restart=str(restart)[:40],
                healthcheck=isinstance(value.get("healthcheck"), dict),
                line=lined.line("services", name),
            )
        )
    return Container(images=tuple(images), services=tuple(read))


def read(path: str, text: str) -> Container | None:
    """Return what a container file builds on or runs."""
    name = PurePosixPath(path).name
    if not COMPOSE.match(name):
        found = _dockerfile(text)
        return found if found.images else None
    try:
        return _compose(read_lined(text, place=path))
    except BadFile as error:
        return Container(problem=str(error)[:200])


EXTRACT = Extract(version=2, kind=Container, wants=wants, read=read)
