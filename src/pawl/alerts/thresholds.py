"""Load the rules' numbers: ours, each with its source, and above them what `pawl.toml` says."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import msgspec

from pawl.alerts.rule import Rule, Thresholds
from pawl.base import typed
from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml

SCHEMA = "pawl.alert-thresholds/1"


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of judgement; `source` is a name in the file's `sources`."""

    value: Any
    source: str
    as_of: str | None = None


class ThresholdFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All numbers, by rule and name."""

    schema: str
    as_of: str
    sources: dict[str, str]
    rules: dict[str, dict[str, Number]]


def shipped_numbers() -> ThresholdFile:
    """Return the numbers that come with Pawl."""
    text = files("pawl.alerts").joinpath("thresholds.yaml").read_text(encoding="utf-8")
    return load_yaml(text, ThresholdFile, place="thresholds.yaml")


def thresholds_of(
    rules: Mapping[str, Rule],
    numbers: ThresholdFile,
    own: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    place: str = "pawl.toml",
) -> dict[str, Thresholds]:
    """Return the numbers each rule is started with; `own` differ by rule and name.

    A rule that our file does not know brings defaults of its own. Raises BadFile for a rule that
    nobody has, a name that its rule does not know, or a value of another kind.
    """
    own = own or {}
    for name in own:
        if name not in rules:
            raise BadFile(
                f"no rule is called {name!r}.",
                place=f"{place}: alerts.rules",
                hint=f"There are: {', '.join(sorted(rules))}.",
            )
    found = {}
    for name, rule in rules.items():
        values = {key: number.value for key, number in numbers.rules.get(name, {}).items()}
        where = f"{place}: alerts.rules.{name}" if name in own else f"thresholds.yaml: {name}"
        found[name] = _converted(values | dict(own.get(name, {})), rule.thresholds, where)
    return found


def _converted(values: dict[str, Any], kind: type[Thresholds], place: str) -> Thresholds:
    read = {
        key: parse_duration(value, place=f"{place}.{key}")
        if key.endswith("_s") and isinstance(value, str)
        else value
        for key, value in values.items()
    }
    negative = next((key for key, value in read.items() if _is_negative(value)), None)
    if negative is not None:
        raise BadFile("a threshold is below zero.", place=f"{place}.{negative}")
    try:
        return typed.convert(read, kind, strict=True)
    except msgspec.ValidationError as error:
        names = ", ".join(kind.__struct_fields__)
        raise BadFile(f"{error}.", place=place, hint=f"Its numbers are: {names}.") from error


def _is_negative(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value < 0
