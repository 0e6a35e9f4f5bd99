"""Take an agent's command line apart, far enough to add to it safely.

What is not recognised is kept as it stands: the product itself judges its own flags.
"""

from collections.abc import Collection, Mapping

import msgspec


class Flag(msgspec.Struct, frozen=True):
    """One flag as written: its name, its values, and where it stands (`end` excluded)."""

    name: str
    values: tuple[str, ...]
    start: int
    end: int


class Arguments(msgspec.Struct, frozen=True):
    """The arguments after the program: flags by their long name, and the words between."""

    argv: tuple[str, ...]
    flags: tuple[Flag, ...]
    words: tuple[str, ...]
    dashes: int
    """Index of `--` in argv, or its length: flags must stand before it."""

    def has(self, *names: str) -> bool:
        """Whether any of these flags is given."""
        return any(flag.name in names for flag in self.flags)

    def value(self, name: str) -> str | None:
        """Return the last value given for a flag, as command lines usually resolve repeats."""
        values = [flag.values[-1] for flag in self.flags if flag.name == name and flag.values]
        return values[-1] if values else None

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value given for a flag."""
        return tuple(v for flag in self.flags if flag.name == name for v in flag.values)

    def without(self, *names: str) -> tuple[str, ...]:
        """Return the arguments with these flags and their values left out."""
        gone = {i for f in self.flags if f.name in names for i in range(f.start, f.end)}
        return tuple(word for i, word in enumerate(self.argv) if i not in gone)


class Grammar(msgspec.Struct, frozen=True, kw_only=True):
    """Which flags of a product take values: exactly one, several, or perhaps one.

    `aliases` turns other spellings into the name used here. A flag in none of the sets takes no
    value of its own, unless it is written with `=`. `bundles` lists the one-letter flags without
    values that may be written together.
    """

    one: Collection[str] = ()
    several: Collection[str] = ()
    perhaps: Collection[str] = ()
    aliases: Mapping[str, str] = {}
    bundles: str = ""


def parse(argv: tuple[str, ...], grammar: Grammar) -> Arguments:
    """Take arguments apart (the program's own name left out). Never raises."""
    flags: list[Flag] = []
    words: list[str] = []
    index, dashes = 0, len(argv)
    while index < len(argv):
        word = argv[index]
        if word == "--":
            dashes = index
            words += argv[index + 1 :]
            break
        if not word.startswith("-") or word == "-":
            words.append(word)
            index += 1
            continue
        name, equals, value = word.partition("=")
        end = index + 1
        values: tuple[str, ...] = (value,) if equals else ()
        names = _bundled(name, grammar) or (grammar.aliases.get(name, name),)
        if not equals:
            end = _end_of_values(argv, index + 1, names[-1], grammar)
            values = argv[index + 1 : end]
        for each in names:
            flags.append(Flag(each, values if each == names[-1] else (), index, end))
        index = end
    return Arguments(argv, tuple(flags), tuple(words), dashes)


def _bundled(name: str, grammar: Grammar) -> tuple[str, ...]:
    letters = name[1:]
    if name.startswith("--") or len(letters) < 2 or not set(letters) <= set(grammar.bundles):
        return ()
    return tuple(grammar.aliases.get(f"-{letter}", f"-{letter}") for letter in letters)


def _end_of_values(argv: tuple[str, ...], start: int, name: str, grammar: Grammar) -> int:
    if name in grammar.one:
        return min(start + 1, len(argv))
    if name in grammar.perhaps:
        return start + int(start < len(argv) and not argv[start].startswith("-"))
    end = start
    if name in grammar.several:
        while end < len(argv) and (not argv[end].startswith("-") or end == start):
            end += 1
    return end
