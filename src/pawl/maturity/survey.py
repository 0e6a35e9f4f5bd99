"""What a survey is: a look at a whole tree at once, whose answer is small and can be kept.

An extract reads one file and knows nothing of the others. What only several files together tell
(a hook and its script, a case and its records) is looked at here, once for all probes. A survey
is pure: it is given the files and the day, and reads nothing that is not among them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from pawl.assets.asset import Entry


class Whole(Protocol):
    """All files of a tree. What is read through it is noted, so that an answer can be kept."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every path of the tree, with `/`; folders are not listed."""

    def text(self, path: str) -> str | None:
        """Return a file's text; None where there is none, or one that is too large or no text."""

    def content(self, path: str, most: int) -> bytes | None:
        """Return a regular file's bytes; None where there is none, or one with more than `most`."""


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """One survey. `look` is given the files and the UTC day, and returns a `kind`.

    `identity` changes whenever `look` would answer otherwise. `first` names, of all paths, those
    that will surely be read, so that they can be read together.
    """

    identity: str
    kind: type[msgspec.Struct]
    look: Callable[[Whole, str], Any]
    first: Callable[[Mapping[str, Entry]], Iterable[str]]
