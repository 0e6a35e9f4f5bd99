"""What an extract is: a pure reader of one kind of file, whose result is small and can be kept.

Facts about a file depend on its bytes alone, so they are kept by the bytes' object id and read
again only when the extract's version changes. Content is hostile: an extract bounds its own work,
never raises for odd content and never executes anything.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from pawl.maturity.facts.tree import TreeFile

MAX_BLOB_BYTES = 1024 * 1024
"""Files above this size are not read."""
MAX_FILES = 2000
"""Files that one extract reads at most; beyond, a fixed sample by object id is read."""


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """One reader of files.

    `wants` decides by path and size alone. `read` returns a frozen struct of type `kind` for a
    file's path and text, or None when the file turns out to be none of its kind. `version` rises
    whenever `read` would answer differently.

    Where `names` or `suffixes` are given, only files with such a base name or such an ending are
    ever asked about: both lower case, a suffix from the last dot on, `.yml`. In a great tree that
    saves most of the asking.
    """

    version: int
    kind: type[msgspec.Struct]
    wants: Callable[[TreeFile], bool]
    read: Callable[[str, str], Any]
    most: int = MAX_FILES
    first: Callable[[str], bool] | None = None
    names: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()
