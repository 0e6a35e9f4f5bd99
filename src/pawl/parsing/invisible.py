"""Characters that a reader does not see and a program does.

Text can be hidden in tag characters, in runs of variation selectors, between zero-width signs, and
turned round by direction marks. Emoji are joined by the same signs, and Persian, the scripts of
India and others cannot be written without them: those are left alone. Code points and what they are
for: https://www.unicode.org/reports/tr51/ and https://www.unicode.org/reports/tr9/.
"""

from collections import Counter
from itertools import islice
from typing import Literal

import msgspec

from pawl.base.patterns import regex

Kind = Literal["tags", "direction", "selectors", "zero-width"]
MAX_LINES = 300
"""Lines with hidden signs of one text that are told of."""
MAX_SPELLED = 200
MANY = 8
"""Zero-width signs of one line that can spell something; strays come alone or in pairs."""

_SIGNS = (
    "\u180e\u200b-\u200f\u061c\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_SELECTOR = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_ANY = regex(f"[{_SIGNS}]|[{_SELECTOR}]{{2,}}")
_QUICK = regex(f"[{_SIGNS}\ufe00-\ufe0e\U000e0100-\U000e01ef]")
"""All of them but the selector that makes a sign an emoji: most pages hold that one, singly."""
_FLAG = regex("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f")
"""The flags of England, Scotland and Wales are a black flag with tags."""
_EMOJI = regex("[\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff\U000e007f]")
_JOINING = regex(
    "[\u0600-\u07bf\u07c0-\u07ff\u0840-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u18af"
    "\u1900-\u1aaf\u1b00-\u1c4f\ua840-\ua87f\ua8e0-\uaaff\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
"""Scripts that are shaped by joiners, or that part words without a blank."""
_RIGHT_TO_LEFT = regex("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_OPENS, _ISOLATES = "\u202a\u202b\u202d\u202e", "\u2066\u2067\u2068"
_OVERRIDES = "\u202d\u202e"
_MARKS = "\u200e\u200f\u061c"
_DIRECTION = frozenset(_OPENS + _ISOLATES + "\u202c\u2069" + _MARKS)


class Hidden(msgspec.Struct, frozen=True):
    """Hidden signs of one kind on one 1-based line; `spelled` is what tags spell, where they do."""

    line: int
    kind: Kind
    count: int
    spelled: str = ""


def hidden_in(text: str) -> tuple[Hidden, ...]:
    """Return the hidden signs of a text that no emoji and no script needs, line by line."""
    if text.isascii() or (_QUICK.search(text) is None and "\ufe0f\ufe0f" not in text):
        return ()
    found: list[Hidden] = []
    for number, line in enumerate(text.split("\n"), 1):
        places = _places(line, number == 1)
        if not places:
            continue
        for kind, count in Counter(places.values()).items():
            spelled = _spelled(line, places) if kind == "tags" else ""
            found.append(Hidden(number, kind, count, spelled))
        if len(found) >= MAX_LINES:
            break
    return tuple(found[:MAX_LINES])


def without_hidden(line: str, *, first: bool) -> str:
    """Return a line without its hidden signs; `first` says that it begins the text."""
    places = _places(line, first)
    return "".join(char for at, char in enumerate(line) if at not in places)


def _places(line: str, first: bool) -> dict[int, Kind]:
    """Return where hidden signs stand in a line that nothing needs, and what they are."""
    if line.isascii() or _ANY.search(line) is None:
        return {}
    needed = {at for match in _FLAG.finditer(line) for at in range(match.start(), match.end())}
    if first and line[0] == "\ufeff":
        needed.add(0)
    turned = None
    found: dict[int, Kind] = {}
    for match in _ANY.finditer(line):
        at, char = match.start(), match[0][0]
        if at in needed:
            continue
        if len(match[0]) > 1 or _is_selector(char):
            found |= dict.fromkeys(range(at, match.end()), "selectors")
        elif "\U000e0000" <= char <= "\U000e007f":
            found[at] = "tags"
        elif char in _DIRECTION:
            turned = _turns(line) if turned is None else turned
            if turned:
                found[at] = "direction"
        elif not _joins(line, at):
            found[at] = "zero-width"
    return found


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _turns(line: str) -> bool:
    """Say whether direction signs may turn a line round: overrides, or some without a need."""
    if any(char in _OVERRIDES for char in line) or _RIGHT_TO_LEFT.search(line) is None:
        return True
    embedded = sum(line.count(char) for char in _OPENS)
    isolated = sum(line.count(char) for char in _ISOLATES)
    return embedded != line.count("\u202c") or isolated != line.count("\u2069")


def _joins(line: str, at: int) -> bool:
    """Say whether a zero-width sign joins emoji, or shapes a script that needs it."""
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    if line[at] == "\u200d" and _EMOJI.match(before) and _EMOJI.match(after):
        return True
    if line[at] not in "\u200b\u200c\u200d\u2060\u180e":
        return False
    return _JOINING.match(before) is not None or _JOINING.match(after) is not None


def _spelled(line: str, places: dict[int, Kind]) -> str:
    """Return the first letters that the tags of a line spell."""
    tags = (ord(line[at]) - 0xE0000 for at, kind in places.items() if kind == "tags")
    letters = (chr(tag) for tag in tags if 0x20 <= tag < 0x7F)
    return "".join(islice(letters, MAX_SPELLED))
