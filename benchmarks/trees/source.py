"""Seeded chance and filler: ids, times and believable text, already escaped for JSON."""

from __future__ import annotations

import json
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LAST_DAY = date(2026, 11, 20)
DAY_MS = 86_400_000
RAW_BYTES = "@@RAW-BYTES@@"

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"
_VOCABULARY = (
    "the test parser budget limit reads returns invoice cache token model request ledger retry"
    " timeout branch commit migrate schema index worker queue stream session project deploy"
    " rollback alert gate review policy digest window bucket price total run agent line file"
)
_WORDS = _VOCABULARY.split()
_TEMPLATES = (
    "    def {a}_{b}(self, {c}: int) -> None:\n",
    "        if {a}.{b} is None or {c} > {n}:\n",
    '        raise ValueError(f"{a} {b}: {{{c}}}")\n',
    "{n}\t    return {a}_{b}[{n}]  # {c}\n",
    "The {a} keeps the {b}, so the {c} has to be {n} or less.\n",
    'src/{a}/{b}.py:{n}: error: "{c}" has no attribute "{a}"\n',
    "- [x] {a} the {b} \u2014 {c} \u2713\n",
    "const {a} = {{ {b}: '{c}', n: {n} }};\n",
    "pr\u00fcfe die {a}-Gr\u00f6\u00dfe f\u00fcr {b} ({n} \u20ac)\n",
    "C:\\work\\{a}\\{b}\\{c}.txt\t{n}\n",
    "\u8bf7\u68c0\u67e5 {a} \u7684 {b}\uff1a{n}\n",
)
_PLAIN_SHARE = 8  # templates from here on hold non-ASCII text or backslashes: rarer than code


def json_text(value: object) -> str:
    """Compact JSON, as JavaScript's `JSON.stringify` writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Source:
    """Everything random about a tree, repeatable from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        lines = [self._line() for _ in range(6000)]
        self._text = "".join(lines)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))

    def _line(self) -> str:
        rng = self.rng
        common = rng.random() < 0.9
        template = rng.choice(_TEMPLATES[:_PLAIN_SHARE] if common else _TEMPLATES)
        a, b, c = rng.sample(_WORDS, 3)
        return json_text(template.format(a=a, b=b, c=c, n=rng.randrange(10_000)))[1:-1]

    def text(self, length: int) -> str:
        """Around `length` characters of text, whole lines, escaped but without quotes."""
        first = self.rng.randrange(len(self._starts) - 1)
        begin = self._starts[first]
        end = self._starts[bisect_right(self._starts, begin + length) - 1]
        if end > begin and begin + length < self._starts[-1]:
            return self._text[begin:end]
        whole, rest = divmod(length, self._starts[-1])
        stop = self._starts[max(1, bisect_right(self._starts, rest) - 1)]
        return self._text * whole + self._text[:stop]

    def phrase(self, words: int) -> str:
        return " ".join(self.rng.choices(_WORDS, k=words))

    def size(self, mean: float) -> int:
        """A text length: many short ones, a few very long ones."""
        return min(int(self.rng.lognormvariate(0.0, 1.0) * mean * 0.6), 400_000)

    def uuid(self) -> str:
        h = f"{self.rng.getrandbits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def hex(self, digits: int) -> str:
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def ident(self, prefix: str, length: int = 22) -> str:
        return prefix + "".join(self.rng.choices(_ALPHABET, k=length))

    def pick(self, table: Sequence[tuple[str, int]]) -> str:
        names = [name for name, _ in table]
        return self.rng.choices(names, weights=[weight for _, weight in table])[0]


@dataclass(slots=True)
class Clock:
    """The time inside one session, in milliseconds since 1970 (UTC)."""

    ms: int

    @classmethod
    def somewhere(cls, source: Source, days: int) -> Clock:
        day = LAST_DAY - timedelta(days=source.rng.randrange(days))
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
        return cls(midnight + source.rng.randrange(6 * 3_600_000, 20 * 3_600_000))

    def forward(self, milliseconds: int) -> None:
        self.ms += milliseconds

    def avoid_midnight(self) -> None:
        """Step into the next day when a response begun now could straddle the two."""
        if self.ms % DAY_MS > DAY_MS - 120_000:
            self.ms += 180_000

    def just_before_midnight(self) -> None:
        self.ms += DAY_MS - 400 - self.ms % DAY_MS

    def stamp(self) -> str:
        return (
            datetime.fromtimestamp(self.ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            + f".{self.ms % 1000:03d}Z"
        )
