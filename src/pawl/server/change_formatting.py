"""Digests, shares with their intervals, clocks and hidden characters as the pages on changes show
them."""

import unicodedata
from collections.abc import Callable

from markupsafe import Markup, escape

from pawl.base.durations import format_duration
from pawl.changes.metrics import Rate
from pawl.server.formatting import UNKNOWN

SHOWN = 12
"""Letters of a digest that are shown; the whole of it stands in the title."""
_BLANKS = frozenset("\n\t ")
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that count as printable and show nothing."""


def digest(text: str) -> Markup:
    """Return the beginning of a digest, with all of it to copy."""
    if not text:
        return Markup(UNKNOWN)  # noqa: S704  a constant
    return Markup('<code class="digest" title="{}">{}</code>').format(text, text[:SHOWN])


def revealed(text: str) -> Markup:
    """Return a text in which characters that cannot be seen are named instead.

    What hides or turns round its neighbours would make people approve what they did not read.
    """
    if text.isascii() and (text.isprintable() or not _hidden(text)):
        return escape(text)
    out: list[str] = []
    plain: list[str] = []
    for character in text:
        if not _is_hidden(character):
            plain.append(character)
            continue
        out.append(str(escape("".join(plain))))
        plain.clear()
        name = unicodedata.name(character, "a control character").lower()
        mark = Markup('<b class="hid" title="{}">U+{:04X}</b>').format(name, ord(character))
        out.append(str(mark))
    out.append(str(escape("".join(plain))))
    return Markup("".join(out))  # noqa: S704  every piece was escaped


def interval(rate: Rate) -> str:
    """Return the 95 % interval of a share."""
    if rate.low is None or rate.high is None:
        return UNKNOWN
    return f"{rate.low * 100:.0f}\N{EN DASH}{rate.high * 100:.0f} %"


def lasting(seconds: float | None) -> str:
    """Return a span of time in its two largest units, from days down to seconds."""
    if seconds is None:
        return UNKNOWN
    size = abs(seconds)
    if size < 59.5:
        return f"{size:.0f} s"
    if size < 86_400:
        return format_duration(size).removesuffix(" 0 s").removesuffix(" 0 m")
    days, rest = divmod(size, 86_400)
    hours = int(rest // 3600)
    return f"{int(days)} d {hours} h" if hours else f"{int(days)} d"


def coming(seconds: float) -> str:
    """Return how far ahead something is, or how long ago it was."""
    return f"in {lasting(seconds)}" if seconds > 0 else f"{lasting(seconds)} ago"


def _hidden(text: str) -> bool:
    return any(map(_is_hidden, text))


def _is_hidden(character: str) -> bool:
    if character in _BLANKS:
        return False
    if character in _UNSEEN or not character.isprintable():
        return True
    # Variation selectors change how a neighbour looks, and can carry words of their own.
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


FILTERS: dict[str, Callable[..., object]] = {
    "digest": digest,
    "revealed": revealed,
    "interval": interval,
    "lasting": lasting,
    "coming": coming,
}
