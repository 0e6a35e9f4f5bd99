"""What is known of agents in pipelines: actions, programs, tools, caches, as of a day."""

from functools import cache
from typing import Literal

import msgspec

from pawl.assets.shipped import shipped_text
from pawl.base import typed
from pawl.parsing.lined_yaml import read_lined

Power = Literal["read", "shell", "write", "network", "post"]


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one action.

    `gate` says whom it refuses unless an input of `opened_by` has the value named. Lists of
    inputs: `prompts` and `prompt_files` instruct, `arguments` are handed on to the program,
    `tools` allow and `denied` refuse tools, `keys` pay for the model, `tokens` speak to the code
    host. `limits` and `grants` change its powers by `input=value`.
    """

    product: str
    program: str
    source: str
    gate: Literal["writers", "none"]
    prompts: tuple[str, ...]
    keys: tuple[str, ...]
    prompt_files: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    full_output: tuple[str, ...] = ()
    opened_by: dict[str, str] = {}
    woken_by: dict[str, str] = {}
    starts_with: tuple[Power, ...] = ("read",)
    without_prompt: tuple[Power, ...] = ()
    limits: dict[str, tuple[Power, ...]] = {}
    grants: dict[str, tuple[Power, ...]] = {}
    bypass: tuple[str, ...] = ()
    version_input: str = ""
    identity_unless: tuple[str, ...] = ()
    identity_with: tuple[str, ...] = ()
    safe_outputs: tuple[str, ...] = ()
    modern: int = 0
    old_inputs: dict[str, str] = {}


class Program(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one program; any word of `headless` makes a call one without a person."""

    product: str
    source: str
    headless: tuple[str, ...]
    package: str
    aliases: tuple[str, ...] = ()
    installer: str = ""
    starts_with: tuple[Power, ...] = ("read",)
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    limits: dict[str, tuple[Power, ...]] = {}
    grants: dict[str, tuple[Power, ...]] = {}
    bypass: tuple[str, ...] = ()
    own_settings_only: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    spend: tuple[str, ...] = ()
    gone: dict[str, str] = {}
    old_fields: dict[str, str] = {}


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of agents in pipelines, as of a day. The lists are told of in the file."""

    schema: Literal["pawl.agents-in-ci/2"]
    as_of: str
    actions: dict[str, Action]
    programs: dict[str, Program]
    tools: dict[Power, tuple[str, ...]]
    runs_code: frozenset[str]
    posts: tuple[str, ...]
    fetches: tuple[str, ...]
    changes: tuple[str, ...]
    gitlab_texts: tuple[str, ...]
    model_keys: frozenset[str]
    gate_actions: frozenset[str]
    caches: dict[str, str]
    no_identity: tuple[str, ...]
    identity_words: tuple[str, ...]


@cache
def known() -> Known:
    """Return what is known of agents in pipelines."""
    # Its lists share parts by anchors, which plain lists may not.
    lined = read_lined(shipped_text("agents_in_ci"), place="agents_in_ci.yaml")
    return typed.convert(lined.value, Known)


@cache
def programs_by_name() -> dict[str, str]:
    """Return the programs by each name they are called by: `claude-code` is `claude`."""
    return {
        name: program
        for program, about in known().programs.items()
        for name in (program, *about.aliases)
    }


@cache
def actions_by_name() -> dict[str, Action]:
    """Return the actions by their names in lower case, as the code host compares them."""
    return {name.lower(): about for name, about in known().actions.items()}
