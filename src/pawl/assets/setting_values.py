"""Values of settings by their dotted names, with the lines on which they stand."""

from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.assets.json_text import Config
from pawl.assets.known import Key, ProductKeys, settings_keys
from pawl.assets.settings import Settings

MAX_KEYS = 2000
MAX_DEPTH = 4


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a file. `key` is what is known of it, None where nothing is."""

    name: str
    value: Any
    line: int | None
    key: Key | None


def known_keys(settings: Settings) -> ProductKeys | None:
    """Return what is known of the keys of a file's product."""
    return settings_keys().products.get(settings.asset.product)


def settings_in(settings: Settings) -> Iterator[Setting]:
    """Yield the keys of a file that are known, and their unknown siblings, from the top."""
    known = known_keys(settings)
    if known is not None and isinstance(settings.config.value, dict):
        maps = {name.rpartition(".")[0] for name in known.keys}
        yield from _below(settings.config, known, maps, settings.config.value, ())


def _below(
    config: Config,
    known: ProductKeys,
    maps: set[str],
    values: dict[str, Any],
    where: tuple[str, ...],
) -> Iterator[Setting]:
    for key, value in list(values.items())[:MAX_KEYS]:
        path = (*where, str(key))
        name = ".".join(path)
        yield Setting(name=name, value=value, line=config.line(*path), key=known.keys.get(name))
        if name in maps and isinstance(value, dict) and len(path) < MAX_DEPTH:
            yield from _below(config, known, maps, value, path)


def value_of(config: Config, name: str) -> Any:
    """Return the value below a dotted name; None where there is none."""
    value = config.value
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def profiles_of(config: Config) -> tuple[tuple[str, Config], ...]:
    """Return Codex's settings and each profile among them, by the name before their keys."""
    held = config.table("profiles").items()
    profiles = ((f"profiles.{name}.", Config(value=each)) for name, each in held)
    return (("", config), *profiles)


def texts_of(config: Config, name: str) -> tuple[str, ...]:
    """Return the texts of a list below a dotted name."""
    value = value_of(config, name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def shown(value: Any) -> str:
    """Return a value for a message, short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else type(value).__name__
    return text if len(text) <= 60 else f"{text[:60]}…"
