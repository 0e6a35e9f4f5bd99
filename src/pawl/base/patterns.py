"""Regular expressions that are compiled when they are first used.

Hundreds of them stand in modules that a command imports whole and uses in part. Compiling all
would take a tenth of a second of each start; what is never asked costs nothing here.
"""

import re
from typing import Any, cast


class _Late:
    """Stands for a pattern: asked for its first method, it is compiled."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        """Return what the pattern has by a name, and keep it: it is found directly from then on."""
        if name.startswith("__"):
            raise AttributeError(name)
        if self._compiled is None:
            self._compiled = re.compile(self._text, self._flags)
        found = self.__dict__[name] = getattr(self._compiled, name)
        return found


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern for a module to hold: it does all that a compiled one does, by methods.

    What is wrong with the text shows at the first use, so a test compiles every one of them.
    """
    return cast("re.Pattern[str]", _Late(text, flags))
