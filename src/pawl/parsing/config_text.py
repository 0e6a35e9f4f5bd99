"""Read a tool's configuration into plain values: TOML, INI, JSON with comments, YAML.

Configuration of a foreign repository is hostile: it is parsed, never run, and what does not
parse is None, which is no statement about the tool.
"""

import configparser
import json
import re
import tomllib
from typing import Any

from pawl.base.errors import BadFile
from pawl.base.patterns import regex

MAX_CONFIG = 512 * 1024
"""Characters of a configuration; a larger file is no configuration that a person keeps."""
# A string that never closes is taken up to the line's end: trying again from each quote in it
# would cost the square of its length.
_JSON_NOISE = regex(r'("(?:[^"\\\n]++|\\.)*+"?)|//[^\n]*+|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TRAILING_COMMA = regex(r'("(?:[^"\\\n]++|\\.)*+"?)|,(?=\s*[}\]])')


def table(value: Any, *keys: str) -> dict[str, Any]:
    """Return the mapping below these keys, empty where there is none."""
    for key in keys:
        if not isinstance(value, dict):
            return {}
        value = value.get(key)
    return value if isinstance(value, dict) else {}


def words(value: Any) -> tuple[str, ...]:
    """Return a list of words from a list, or from text parted by commas and spaces."""
    if isinstance(value, str):
        return tuple(word for word in re.split(r"[\s,]+", value) if word)[:500]
    if isinstance(value, list | tuple):
        return tuple(str(each) for each in value if isinstance(each, str | int))[:500]
    return ()


def toml(text: str) -> dict[str, Any] | None:
    """Return a TOML document, or None."""
    if len(text) > MAX_CONFIG:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def ini(text: str) -> dict[str, dict[str, str]] | None:
    """Return an INI document's sections, or None."""
    if len(text) > MAX_CONFIG:
        return None
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError, AttributeError, TypeError):
        # With a value on no key's line, some versions of the parser trip over themselves.
        return None
    return {
        name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()
    }


def jsonc(text: str) -> Any:
    """Return a JSON value, comments and trailing commas allowed, or None."""
    if len(text) > MAX_CONFIG:
        return None
    bare = _JSON_NOISE.sub(lambda match: match[1] or "", text)
    bare = _TRAILING_COMMA.sub(lambda match: match[1] or "", bare)
    try:
        return json.loads(bare)
    except (ValueError, RecursionError):
        return None


def yaml(text: str, path: str) -> Any:
    """Return a YAML document's value, or None."""
    from pawl.base.yaml_text import parse_yaml

    if len(text) > MAX_CONFIG:
        return None
    try:
        return parse_yaml(text, place=path)
    except (BadFile, TypeError, AttributeError):
        # A key that is itself a mapping cannot be one of ours.
        return None
