"""Where the models touch and where they disagree: an opinion to read, never a conversion."""

from typing import Literal

import msgspec

from pawl.base.loading import load_yaml


class Touch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two levels of different models, by id, and how they stand to each other.

    `supports` says that what proves the first helps with the second, never that it is enough.
    """

    between: tuple[str, str]
    relation: Literal["similar", "differs", "same-word", "supports"]
    why: str


class Disagreement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One subject on which the models do not agree, with what each says, by model id."""

    topic: str
    says: dict[str, str]


class Crosswalk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`models/crosswalk.yaml`. It has no numbers, so nothing can compute with it."""

    schema: Literal["pawl.maturity-crosswalk/1"]
    version: str
    as_of: str
    standing: Literal["opinion"]
    never: tuple[str, ...]
    touches: tuple[Touch, ...]
    disagreements: tuple[Disagreement, ...]


def load_crosswalk(text: str, *, place: str) -> Crosswalk:
    """Return the crosswalk; raises BadFile naming the line or the key path."""
    return load_yaml(text, Crosswalk, place=place)
