"""What is known of products fits together: lists that name one another name what is there."""

import pytest

from pawl.assets.judgement import claude_names
from pawl.assets.known import (
    hijacking_env,
    hook_events,
    is_of,
    permission_tools,
    plugin_fields,
    server_shapes,
    settings_keys,
)


def test_every_list_says_since_when() -> None:
    """A list of what products read carries the day on which somebody looked."""
    lists = (settings_keys(), hook_events(), permission_tools(), hijacking_env(), server_shapes())
    assert {len(each.as_of) for each in (*lists, plugin_fields())} == {10}


def test_tools_that_lists_name_are_known() -> None:
    """Retired tools and tools of paths are tools, and what runs after a name is a runner."""
    tools, known = permission_tools(), claude_names()
    assert not set(known.retired) & set(known.tools)
    assert {each for each in known.retired.values() if each} <= set(known.tools)
    assert set(tools.paths) | set(tools.paths.values()) <= known.tools_ever
    assert set(tools.takes_name) <= set(tools.runners)
    assert not set(tools.roots) & set(tools.maybe_roots)
    assert max(len(each.split()) for each in tools.runners) <= 3


def test_keys_stand_below_maps() -> None:
    """A key with dots stands below a key that is a map, and its values fit its type."""
    for product in settings_keys().products.values():
        for name, key in product.keys.items():
            above = name.rpartition(".")[0]
            assert not above or above not in product.keys or product.keys[above].type == "map"
            assert not key.values or key.type in ("text", "any")


def test_hooks_refuse_somewhere() -> None:
    """Every product has events that a hook refuses, and kinds that name their field."""
    for product in hook_events().products.values():
        assert any(event.refuses for event in product.events.values())
        assert product.kinds["command"] == "command"
        assert not set(product.others) & set(product.events)


def test_paths_of_plugins_are_fields() -> None:
    """What names paths is a field, and no field of a marketplace is one of a plugin."""
    fields = plugin_fields()
    assert set(fields.paths) <= set(fields.fields)
    assert not set(fields.of_marketplaces) & set(fields.fields)


@pytest.mark.parametrize(
    ("value", "type", "fits"),
    [(True, "flag", True), (True, "number", False), (1, "number", True), ("1", "number", False),
     ([], "list", True), ({}, "list", False), (None, "text", False), (None, "any", True)],
)  # fmt: skip
def test_types(value: object, type: str, fits: bool) -> None:
    """True and false are no numbers, and nothing is none of them."""
    assert is_of(value, type) is fits  # type: ignore[arg-type]
