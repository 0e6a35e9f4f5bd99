"""What a server does with prompts and contents of tools: take them in, show them, let them go."""

from collections.abc import Callable
from pathlib import Path

from pawl.runs.machine_settings import ContentSettings
from pawl.services.content_view import ContentPages
from pawl.services.contents import Keeping, rules_of
from pawl.store.contents import Contents


class ServedContents:
    """The contents of a data folder while a server runs.

    `keeping` is None where none are taken in; what is there from before is shown and goes in time
    all the same.
    """

    def __init__(self, folder: Path, now: Callable[[], str], settings: ContentSettings) -> None:
        self._texts = Contents(folder, now, rules_of(settings))
        self._now = now
        self._tidied = ""
        self.keeping = Keeping(self._texts, settings.max_bytes) if settings.keep else None
        self.pages = ContentPages(self._texts, settings)

    def tidy(self) -> None:
        """Delete what is too old, once in each hour of UTC; raises ContentsUnavailable."""
        hour = self._now()[:13]
        if hour != self._tidied:
            self._texts.tidy()
            self._tidied = hour

    def __enter__(self) -> "ServedContents":
        return self

    def __exit__(self, *error: object) -> None:
        self._texts.close()
