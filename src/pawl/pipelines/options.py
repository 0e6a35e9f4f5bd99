"""What a user says of a pipeline, and whether it can be said."""

import math
import re

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue
from pawl.base.money import MICROS_PER_USD, parse_usd
from pawl.pipelines.pattern import Host, Pattern
from pawl.pipelines.shipped import Defaults, Numbers, agent_named, shipped
from pawl.pipelines.template import Value, place_of

MAX_MINUTES = 360
"""The longest a job of GitHub's own runners may last, in minutes."""
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_BRANCH = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@=-]|/(?=[A-Za-z0-9])){0,199}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@\[\]-]{0,119}")
_SECRET = re.compile(r"(?!GITHUB_|CI_)[A-Za-z_][A-Za-z0-9_]{0,99}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z]*(?:[.+][0-9A-Za-z]+){0,10}")
_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/:-]{0,199}@sha256:[0-9a-f]{64}")
_ITEMS = re.compile(r"(?!.*\.\.)[A-Za-z0-9._][A-Za-z0-9._/-]{0,199}")
_FIELD = r"[0-9*][0-9*,/-]{0,60}"
_CRON = re.compile(rf"{_FIELD}(?: {_FIELD}){{4}}")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What was said; None is what was not. Each is as a user types it."""

    agent: str | None = None
    max_usd: str | None = None
    max_usd_per_item: str | None = None
    max_turns: int | None = None
    timeout: str | None = None
    model: str | None = None
    branch: str | None = None
    runs_on: str | None = None
    secret: str | None = None
    pawl_version: str | None = None
    image: str | None = None
    items: str | None = None
    jobs: int | None = None
    cron: str | None = None

    @property
    def given(self) -> dict[str, str]:
        """What was said, by its name and as it was typed."""
        pairs = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: str(value) for name, value in pairs if value is not None}


def values_of(
    pattern: str, about: Pattern, host: Host, said: Options, *, pawl_version: str
) -> dict[str, Value]:
    """Return what a pattern's template is filled with; raises BadValue for what cannot be said."""
    _refuse_idle(pattern, about, host, said)
    known = shipped()
    defaults = known.defaults
    numbers = defaults.of(pattern)
    minutes = _minutes(said.timeout or numbers.timeout)
    branch = said.branch or defaults.branch
    values: dict[str, Value] = {
        "pawl_version": _fits(_VERSION, said.pawl_version or pawl_version, "pawl_version"),
        "branch": _fits(_BRANCH, branch, "branch"),
        "timeout": f"{minutes}m",
        "step_minutes": minutes + defaults.spare_minutes // 2,
        "job_minutes": minutes + defaults.spare_minutes,
        "job_timeout": f"{minutes + defaults.spare_minutes} minutes",
        **_runner(host, said, defaults),
        **_limits(numbers, said),
    }
    for name, action in known.actions.items():
        values[name] = f"{action.uses}@{action.commit}"
        values[f"{name}_version"] = action.version
    if about.runs_agent:
        agent = said.agent or defaults.agent
        key = agent_named(agent).key
        values |= {
            "agent": agent,
            "model": "" if said.model is None else _fits(_MODEL, said.model, "model"),
            "key_variable": key,
            "secret": _fits(_SECRET, said.secret or key, "secret"),
        }
    return values


def _refuse_idle(pattern: str, about: Pattern, host: Host, said: Options) -> None:
    """Refuse options that would change nothing, so that nobody relies on them."""
    means = {*about.takes, "runs_on", "pawl_version"}
    if host is Host.GITLAB:
        means = (means | {"image"}) - {"cron"}
    for name in said.given:
        if name not in means:
            raise BadValue(
                f"means nothing for the pattern {pattern} at {host}.",
                place=place_of(name),
                hint="Leave it out.",
            )


def _runner(host: Host, said: Options, defaults: Defaults) -> dict[str, Value]:
    """Return where the jobs run; GitLab's jobs need an image, and only its owner knows which."""
    labels = tuple(
        _fits(_LABEL, each.strip(), "runs_on") for each in (said.runs_on or "").split(",") if each
    )
    if host is Host.GITHUB:
        given = labels or (defaults.runs_on,)
        return {"runs_on": given[0] if len(given) == 1 else given}
    if said.image is None:
        raise BadValue(
            "GitLab's jobs need an image, by its digest.",
            place="--image",
            hint="Name one with Python 3.11, git and, for agents, Node.js: NAME@sha256:DIGEST.",
        )
    return {"tags": labels, "image": _fits(_IMAGE, said.image, "image")}


def _limits(numbers: Numbers, said: Options) -> dict[str, Value]:
    """Return money, turns and the rest, where the pattern has them."""
    found: dict[str, Value] = {}
    for name in ("max_usd", "max_usd_per_item"):
        if (money := getattr(said, name) or getattr(numbers, name)) is not None:
            found[name] = _dollars(money, place_of(name))
    if numbers.item_timeout is not None:
        found["item_timeout"] = numbers.item_timeout
    for name in ("max_turns", "jobs"):
        count = getattr(said, name) if getattr(said, name) is not None else getattr(numbers, name)
        if count is not None:
            if not 1 <= count <= 1000:
                raise BadValue("is from 1 to 1000.", place=place_of(name))
            found[name] = str(count)
    if (items := said.items or numbers.items) is not None:
        found["items"] = _fits(_ITEMS, items, "items")
    if (cron := said.cron or numbers.cron) is not None:
        found["cron"] = _fits(_CRON, cron, "cron")
    return found


def _dollars(text: str, place: str) -> str:
    micros = parse_usd(text, place=place)
    if micros == 0:
        raise BadValue("An agent without money does nothing.", place=place)
    whole, rest = divmod(micros, MICROS_PER_USD)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


def _minutes(text: str) -> int:
    """Return a time as whole minutes, rounded up, as both hosts count a job's."""
    minutes = math.ceil(parse_duration(text, place="--timeout") / 60)
    if minutes + shipped().defaults.spare_minutes > MAX_MINUTES:
        raise BadValue(
            f"is longer than a job may last ({MAX_MINUTES} minutes, some of them to install).",
            place="--timeout",
            hint="Give it 350m at most.",
        )
    return minutes


_SAYS = {
    "runs_on": "Name labels of runners, parted by commas.",
    "branch": "Name one branch by letters, digits and . _ / @ = -.",
    "model": "Name a model as its provider does, by letters, digits and . _ : / @ [ ] -.",
    "secret": "Name a secret by letters, digits and _, not beginning with GITHUB_ or CI_.",
    "pawl_version": "Name one release, such as 0.1.0.",
    "image": "Name an image by its digest: NAME@sha256:DIGEST.",
    "items": "Name a file of the repository by letters, digits and . _ / -.",
    "cron": "Write the five fields of cron in digits and * , / -.",
}


def _fits(wanted: re.Pattern[str], text: str, name: str) -> str:
    if wanted.fullmatch(text) is None or (name == "branch" and ".." in text):
        raise BadValue(f"{text[:80]!r} cannot be used.", place=place_of(name), hint=_SAYS[name])
    return text
