"""The numbers of judgement of budgets, each with its source."""

from functools import cache
from importlib.resources import files

import msgspec

from pawl.base.loading import load_yaml


class Numbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of judgement of budgets, from `budget_numbers.yaml`.

    `notice_percents` are shares of a limit that are told. A reservation that nothing settled ends
    `expiry_slack_s` seconds after the run's own time limit, or `expiry_s` seconds after its
    start where it has none. `model_aliases` are names of an agent that are no model's.
    """

    schema: str
    as_of: str
    notice_percents: tuple[int, ...]
    expiry_s: int
    expiry_slack_s: int
    observe_every_s: int
    model_aliases: dict[str, tuple[str, ...]]
    sources: dict[str, str]


@cache
def numbers() -> Numbers:
    """Return the numbers that budgets go by."""
    name = "budget_numbers.yaml"
    text = (files("pawl.alerts") / name).read_text()
    return load_yaml(text, Numbers, place=name)
