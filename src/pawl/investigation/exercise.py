"""Exercises: incidents that did not happen, as recipes from which a repository and logs are made.

Times are minutes from the moment at which it was noticed, so that a recipe can be played on any
day. Everything is a function of the recipe and its seed: the same recipe makes the same bytes.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_yaml
from pawl.base.times import format_time, parse_time

MAX_LINES = 200_000
Minute = float


class CommitRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One commit. `files` are whole files as they are after it. A `decoy` may be moved in time."""

    id: str
    minute: Minute
    author: str
    subject: str
    body: str = ""
    files: dict[str, str]
    decoy: bool = False


class DeployRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One deployment of commits, by their ids in the recipe."""

    minute: Minute
    component: str
    version: str
    commits: tuple[str, ...] = ()
    status: str = "success"
    decoy: bool = False


class FlagRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A flag that somebody sets."""

    minute: Minute
    name: str
    value: str
    author: str = "operations"


class LogRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines from one minute to another. `{n}`, `{ms}` and `{id}` differ from line to line."""

    component: str
    level: str
    text: str
    begin: Minute
    end: Minute
    per_minute: Annotated[float, msgspec.Meta(gt=0)]
    attributes: dict[str, str] = {}


class MetricRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure by the minute: its value from each named minute on, and how far it trembles."""

    name: str
    labels: dict[str, str] = {}
    values: dict[str, float]
    noise: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.05


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cause: its kind, and for a change the recipe's id of the commit or what its id holds."""

    kind: str
    commit: str = ""
    named: str = ""
    remedies: tuple[str, ...] = ()


class Exercise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole recipe. `until` is the minute at which the records end."""

    schema: Literal["pawl.investigation-exercise/1"]
    id: str
    title: str
    story: str
    source: str
    at: str
    since: Minute = -120
    until: Minute = 10
    components: tuple[str, ...] = ()
    commits: tuple[CommitRecipe, ...] = ()
    deploys: tuple[DeployRecipe, ...] = ()
    flags: dict[str, str] = {}
    switches: tuple[FlagRecipe, ...] = ()
    logs: tuple[LogRecipe, ...] = ()
    metrics: tuple[MetricRecipe, ...] = ()
    expected: Expected

    def when(self, minute: Minute) -> str:
        """Return the canonical time of a minute of the recipe."""
        return format_time(parse_time(self.at) + timedelta(minutes=minute))


class MadeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a made log."""

    time: str
    level: str
    service: str
    message: str
    attributes: Mapping[str, str]


def load_exercise(text: str, *, place: str) -> Exercise:
    """Return a recipe; raises BadFile for one that names a commit that it does not have."""
    found = load_yaml(text, Exercise, place=place)
    ids = {each.id for each in found.commits}
    named = {each for deploy in found.deploys for each in deploy.commits}
    named |= {found.expected.commit} - {""}
    if named - ids:
        raise BadFile(f"no commit is called {', '.join(sorted(named - ids))}.", place=place)
    return found


def exercise_names() -> tuple[str, ...]:
    """Return the names of the exercises that come with Pawl."""
    folder = files("pawl.investigation").joinpath("exercises")
    return tuple(
        sorted(
            each.name.removesuffix(".yaml") for each in folder.iterdir() if _is_recipe(each.name)
        )
    )


@cache
def shipped_exercise(name: str) -> Exercise:
    """Return an exercise that comes with Pawl; raises BadValue for a name that none has."""
    if name not in exercise_names():
        raise BadValue(
            f"no exercise is called {name[:60]!r}.",
            place="--exercise",
            hint=f"There are {', '.join(exercise_names())}.",
        )
    place = f"exercises/{name}.yaml"
    text = files("pawl.investigation").joinpath(place).read_text(encoding="utf-8")
    return load_exercise(text, place=f"{name}.yaml")


def made_lines(exercise: Exercise) -> Iterator[MadeLine]:
    """Yield the lines of all logs, in order of the recipe's lists."""
    left = MAX_LINES
    for at, recipe in enumerate(exercise.logs):
        count = min(left, max(1, round((recipe.end - recipe.begin) * recipe.per_minute)))
        left -= count
        for number in range(count):
            share = (number + chance(exercise.id, "line", at, number)) / count
            minute = recipe.begin + (recipe.end - recipe.begin) * share
            yield MadeLine(
                time=exercise.when(minute),
                level=recipe.level,
                service=recipe.component,
                message=_filled(recipe.text, exercise.id, at, number),
                attributes={
                    name: _one_of(value, exercise.id, at, number)
                    for name, value in recipe.attributes.items()
                },
            )


def made_points(exercise: Exercise, recipe: MetricRecipe) -> tuple[tuple[float, float], ...]:
    """Return a point a minute of one measure, in epoch seconds."""
    steps = sorted((float(minute), value) for minute, value in recipe.values.items())
    points = []
    minute = exercise.since
    while minute <= exercise.until:
        held = [value for begin, value in steps if begin <= minute]
        if held:
            tremble = (chance(exercise.id, recipe.name, minute) * 2 - 1) * recipe.noise
            at = parse_time(exercise.when(minute)).timestamp()
            points.append((at, held[-1] * (1 + tremble)))
        minute += 1
    return tuple(points)


def chance(*keys: object) -> float:
    """Return a number from 0 to 1 that is the same for the same keys, for ever."""
    return int(sha256_hex("\0".join(map(str, keys)).encode())[:12], 16) / 16**12


def _filled(text: str, *keys: object) -> str:
    if "{" not in text:
        return text
    number = chance(*keys, "n")
    return (
        text.replace("{n}", str(int(number * 90_000) + 10_000))
        .replace("{ms}", str(int(number * 400) + 20))
        .replace("{id}", sha256_hex(repr(keys).encode())[:12])
    )


def _one_of(value: str, *keys: object) -> str:
    """Return one of the values parted by `|`."""
    options = value.split("|")
    return options[int(chance(*keys, "of") * len(options))]


def _is_recipe(name: str) -> bool:
    return name.endswith(".yaml")
