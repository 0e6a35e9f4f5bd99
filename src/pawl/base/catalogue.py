"""Find plugins: one small file each, exposing one typed value.

A package such as `pawl.runs.agents` holds one module a plugin; each exposes the same attribute
(`AGENT`). The id is the file name in kebab-case, so it cannot drift from the file. Other
distributions add theirs through an entry point group named after the package.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def plugin_id(module_name: str) -> str:
    """Return the id of the plugin in a module: its last name, in kebab-case."""
    return module_name.rpartition(".")[2].replace("_", "-")


def names(package: ModuleType) -> list[str]:
    """Return the ids of a package's own plugins, sorted, without importing any of them."""
    found = pkgutil.iter_modules(package.__path__)
    return sorted(plugin_id(module.name) for module in found if not module.name.startswith("_"))


def load(package: ModuleType, plugin: str, attribute: str, kind: type[T]) -> T:
    """Import one plugin of a package and return its value.

    Raises KeyError for an id that no file has and TypeError when the file exposes something
    else: a broken plugin is a defect, not an input error.
    """
    name = f"{package.__name__}.{plugin.replace('-', '_')}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise KeyError(plugin) from error
    return _typed(module, attribute, kind)


def discover(package: ModuleType, attribute: str, kind: type[T]) -> dict[str, T]:
    """Return every plugin of a package by id, third-party ones included.

    An entry point may not take the id of one of ours.
    """
    # Imported here: it takes longer than everything else this module needs.
    from importlib.metadata import entry_points

    found = {plugin: load(package, plugin, attribute, kind) for plugin in names(package)}
    for entry in entry_points(group=package.__name__):
        module = entry.load()
        identity = plugin_id(entry.name)
        if identity in found:
            raise TypeError(f"{entry.value} takes the id {identity!r}, which is taken")
        found[identity] = _typed(module, attribute, kind)
    return found


def _typed(module: ModuleType, attribute: str, kind: type[T]) -> T:
    value = getattr(module, attribute, None)
    if not isinstance(value, kind):
        raise TypeError(f"{module.__name__} must expose {attribute}: {kind.__name__}")
    return value
