"""What products read of settings, hooks, servers and plugins, as of a day.

The lists themselves are data (`data/*.yaml`), each with its source.
"""

from functools import cache
from typing import Literal

import msgspec

from pawl.assets.shipped import shipped

Type = Literal["text", "flag", "number", "list", "map", "any"]
Scope = Literal["any", "managed", "person", "unshared"]


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key of settings: its type, its values where they are few, and where it counts."""

    type: Type
    values: tuple[str, ...] = ()
    scope: Scope = "any"


class ProductKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of one product; `complete` says that there are no others near to them."""

    source: str
    complete: bool
    keys: dict[str, Key]


class SettingsKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of settings by product, with dots between the levels."""

    schema: Literal["pawl.settings-keys/1"]
    as_of: str
    products: dict[str, ProductKeys]


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event: what its matcher is compared with, and whether a hook can refuse it."""

    matcher: Literal["tool", "name", "none"]
    refuses: bool = False


class ProductHooks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hooks of one product.

    `kinds` gives the field that each kind of hook needs. `others` are keys that stand beside
    events. `unset` are variables that people expect, with the place where the value really is.
    """

    source: str
    seconds: bool
    kinds: dict[str, str]
    others: tuple[str, ...]
    events: dict[str, Event]
    unset: dict[str, str]


class HookEvents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hooks by product. `installers` are programs that install, with the words that make them."""

    schema: Literal["pawl.hook-events/1"]
    as_of: str
    products: dict[str, ProductHooks]
    installers: dict[str, tuple[str, ...]]
    harmless: tuple[str, ...]


class PermissionTools(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What permission rules say. `paths` maps tools whose rules about paths nobody asks for.

    `runners` run what stands next, those in `takes_name` what stands after a name of their own.
    """

    schema: Literal["pawl.permission-tools/1"]
    as_of: str
    source: str
    paths: dict[str, str]
    roots: tuple[str, ...]
    maybe_roots: tuple[str, ...]
    runners: tuple[str, ...]
    takes_name: tuple[str, ...]
    interpreters: tuple[str, ...]


class Hijack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One variable that changes other programs, and the values with which it does."""

    when: Literal["always", "words", "relative", "remote", "equals"]
    does: str
    words: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class HijackingEnv(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Variables of the environment that change other programs."""

    schema: Literal["pawl.hijacking-env/1"]
    as_of: str
    source: str
    variables: dict[str, Hijack]


class ProductServers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Servers of one product; with `url_needs_type` an address alone is taken for a program."""

    transports: tuple[str, ...]
    reserved: tuple[str, ...]
    url_needs_type: bool


class ServerShapes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Servers of tools by product; `local` are the transports that start a program."""

    schema: Literal["pawl.servers/1"]
    as_of: str
    source: str
    products: dict[str, ProductServers]
    local: tuple[str, ...]


class PluginFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of a plugin's manifest with their types, and those that name paths."""

    schema: Literal["pawl.plugin-fields/1"]
    as_of: str
    source: str
    fields: dict[str, tuple[Type, ...]]
    paths: tuple[str, ...]
    of_marketplaces: tuple[str, ...]


@cache
def settings_keys() -> SettingsKeys:
    """Return the keys of settings."""
    return shipped("settings_keys", SettingsKeys)


@cache
def hook_events() -> HookEvents:
    """Return the events of hooks."""
    return shipped("hook_events", HookEvents)


@cache
def permission_tools() -> PermissionTools:
    """Return the tools that permission rules name."""
    return shipped("permission_tools", PermissionTools)


@cache
def hijacking_env() -> HijackingEnv:
    """Return the variables that change other programs."""
    return shipped("hijacking_env", HijackingEnv)


@cache
def server_shapes() -> ServerShapes:
    """Return the shapes of servers of tools."""
    return shipped("servers", ServerShapes)


@cache
def plugin_fields() -> PluginFields:
    """Return the fields of a plugin's manifest."""
    return shipped("plugin_fields", PluginFields)


def is_of(value: object, type: Type) -> bool:
    """Say whether a value is of a type; true and false are no numbers."""
    if type == "any":
        return True
    if type == "flag":
        return isinstance(value, bool)
    if type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, {"text": str, "list": list, "map": dict}[type])
