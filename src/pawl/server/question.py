"""Reading what an address asks for. Whatever does not mean anything is refused, by name."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request

from pawl.base.errors import BadValue

Choice = TypeVar("Choice", bound=StrEnum)
LONGEST = 200
"""Characters of one value; no name or id of ours is longer."""

CENTURY = 2000
"""First year of the days that can be asked for: before and after a period there are always more."""


class Asked:
    """The query of one request. Every reader raises BadValue with the parameter as the place."""

    def __init__(self, request: Request, known: Iterable[str]) -> None:
        self._values = request.query_params
        names = sorted(set(known))
        for name in self._values:
            if name not in names:
                raise BadValue(
                    f"There is no parameter {name[:60]!r} here.",
                    hint=f"Known parameters: {', '.join(names) or 'none'}.",
                )

    def text(self, name: str) -> str | None:
        """Return a value without surrounding blanks; None when absent or empty."""
        return (self.exact(name) or "").strip() or None

    def exact(self, name: str) -> str | None:
        """Return a value as it stands, blanks and all; None when absent."""
        value = self._values.get(name)
        if value is not None and len(value) > LONGEST:
            raise BadValue(f"The value is longer than {LONGEST} characters.", place=name)
        return value

    def choice(self, name: str, kind: type[Choice], default: Choice) -> Choice:
        """Return one of an enumeration's values."""
        value = self.text(name)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError:
            raise _not_one_of(name, value, [member.value for member in kind]) from None

    def one_of(self, name: str, allowed: Iterable[str]) -> str | None:
        """Return one of the allowed words, or None when absent."""
        value, words = self.text(name), list(allowed)
        if value is not None and value not in words:
            raise _not_one_of(name, value, words)
        return value

    def number(self, name: str, *, least: int, most: int, default: int) -> int:
        """Return a whole number within bounds."""
        value = self.exact(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
            raise BadValue(f"{value!r} is not a whole number from {least} to {most}.", place=name)
        return int(value)

    def day(self, name: str, default: str) -> str:
        """Return an ISO day of this century."""
        value = self.text(name)
        if value is None:
            return default
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if not CENTURY <= day.year < CENTURY + 100:
            raise BadValue(
                f"{value!r} is not a day of this century.",
                place=name,
                hint="Write one such as 2026-11-21.",
            )
        return day.isoformat()

    def days(self, today: str, default: int = 30) -> tuple[str, str]:
        """Return `since` and `until` as ISO days, both inclusive."""
        last = self.day("until", today)
        begin = date.fromisoformat(last) - timedelta(days=default - 1)
        first = self.day("since", begin.isoformat())
        if first > last:
            raise BadValue(
                f"The period ends on {last}, before it begins on {first}.", place="since"
            )
        return first, last


def _not_one_of(name: str, value: str, words: list[str]) -> BadValue:
    return BadValue(
        f"{value!r} is not one of the choices.", place=name, hint=f"Choose from {', '.join(words)}."
    )
