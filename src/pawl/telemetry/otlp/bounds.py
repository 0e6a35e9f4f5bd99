"""What one request may hold, and how far its clock may be off."""

from functools import cache
from importlib.resources import files

import msgspec

from pawl.base.loading import load_yaml

_FILE = "bounds.yaml"


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes in bytes, characters and items; `future_s` in seconds, `earliest` canonical.

    `records` and `groups` (resources and scopes) bound the work that one body can cause.
    """

    body_bytes: int
    record_bytes: int
    records: int
    groups: int
    json_values: int
    attributes: int
    depth: int
    text: int
    message: int
    future_s: int
    earliest: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    as_of: str
    bounds: Bounds
    sources: dict[str, str]


@cache
def bounds() -> Bounds:
    """Return the bounds of the file beside this module."""
    text = files(__package__).joinpath(_FILE).read_text("utf-8")
    return load_yaml(text, _File, place=_FILE).bounds
