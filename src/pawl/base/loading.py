"""Strict loading of what people write: YAML and TOML into frozen types.

Validated once at the door: unknown keys are refused, and an error names the file, the place in
it and the remedy. YAML is read as 1.2 reads booleans, so that `on:` stays a word.
"""

import tomllib
from typing import Any, TypeVar

import msgspec

from pawl.base import typed
from pawl.base.errors import BadFile

T = TypeVar("T")

MAX_TEXT = 4 * 1024 * 1024
"""Characters of one configuration file; larger ones are refused before they are parsed."""


def load_yaml(text: str, kind: type[T], *, place: str) -> T:
    """Return the YAML document as `kind`; raises BadFile naming the line or the key path."""
    from pawl.base.yaml_text import parse_yaml

    _refuse_giants(text, place)
    return _convert(parse_yaml(text, place=place), kind, place)


def load_toml(text: str, kind: type[T], *, place: str) -> T:
    """Return the TOML document as `kind`; raises BadFile naming the line or the key path."""
    _refuse_giants(text, place)
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFile(f"not readable as TOML: {error}.", place=place) from error
    return _convert(value, kind, place)


def _convert(value: Any, kind: type[T], place: str) -> T:
    try:
        return typed.convert(value, kind, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFile(f"{error}.", place=place, hint="See the reference for this file.") from error


def _refuse_giants(text: str, place: str) -> None:
    if len(text) > MAX_TEXT:
        raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
