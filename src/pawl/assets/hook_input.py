"""Where the input of a hook goes in a shell text: into which variables, and from there into code.

The input is what the agent is about to do or has read; its words are not the user's. A variable is
tainted when it is filled from standard input, by `cat`, `jq` or `read`, or from another such one.
"""

from collections.abc import Iterator
from functools import lru_cache

from pawl.assets.hook_programs import commands_in, pipes_in, words_run
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import SHELLS, program
from pawl.parsing.shell_status import words_of
from pawl.parsing.shell_tree import Simple
from pawl.parsing.shell_words import Word

_NAME = regex(r"\$\{?([A-Za-z_]\w{0,60})")
_READERS = frozenset({"cat", "jq", "tee"})
_INPUTS = (*_READERS, "read")
_CODE = {"python": "-c", "python3": "-c", "node": "-e", "ruby": "-e", "perl": "-e", "php": "-r"}
_HARMLESS = frozenset(
    {"echo", "printf", "[", "[[", "test", "export", "local", "read", "exit", "return", "jq", "let",
     "declare", "set", "shift", "true", ":"}
)  # fmt: skip
_DOWNLOADS = frozenset({"curl", "wget"})
_RUNS = frozenset({*SHELLS, *_CODE, "source", "."})


@lru_cache(maxsize=512)
def tainted(text: str) -> frozenset[str]:
    """Return the variables of a shell text that hold a hook's input."""
    names: set[str] = set()
    for simple in commands_in(text):
        for name, word in simple.assigns:
            if _carries(word, names):
                names.add(name)
        words = words_of(simple)
        if words[:1] == ("read",):
            names |= {each for each in words[1:] if not each.startswith("-")}
    return frozenset(names)


def _carries(word: Word, names: set[str] | frozenset[str]) -> bool:
    """Say whether a word holds input: a variable that does, or what a reader of it prints."""
    if any(match[1] in names for match in _NAME.finditer(word.text[:4000])):
        return True
    return any(_reads_input(each) for inner in word.inner for each in commands_in(inner))


def _reads_input(simple: Simple) -> bool:
    words = words_of(simple)
    if not words or program(words[0]) not in _READERS:
        return False
    if program(words[0]) == "cat":
        return len(words) == 1 or words[1] in ("-", "/dev/stdin")
    return True


def as_code(text: str) -> Iterator[tuple[int, str]]:
    """Yield where a shell text runs a hook's input as code, with what does it."""
    if not any(each in text for each in _INPUTS):
        return
    names = tainted(text)
    for simple in commands_in(text):
        words = words_of(simple)
        first = program(words[0]) if words else ""
        if first == "eval" and any(_given(text, word, names) for word in simple.words[1:]):
            yield simple.line, "`eval` runs what the call says"
        elif first in SHELLS or first in _CODE:
            option = "-c" if first in SHELLS else _CODE[first]
            for at, word in enumerate(simple.words[:-1]):
                if word.text == option and _given(text, simple.words[at + 1], names):
                    yield simple.line, f"`{first} {option}` runs what the call says"
    for parts in pipes_in(text):
        fed = any(_reads_input(each) for each in parts[:-1])
        if fed and _is_run(parts[-1]):
            yield parts[-1].line, f"`| {words_of(parts[-1])[0]}` runs what the call says"
        elif fed:
            yield from _by_xargs(parts[-1], words_of(parts[-1]))


def _by_xargs(simple: Simple, words: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    mark = ""
    if not words or program(words[0]) != "xargs":
        return
    for at, word in enumerate(words[1:-1], 1):
        if word in ("-I", "-i", "--replace"):
            mark = words[at + 1] if word == "-I" else "{}"
        elif word.startswith("-I"):
            mark = word[2:]
        elif program(word) in SHELLS and words[at + 1] == "-c" and at + 2 < len(words):
            if mark and mark in words[at + 2]:
                yield simple.line, f"`xargs {word} -c` runs what the call says"
            return


def _given(text: str, word: Word, names: frozenset[str]) -> bool:
    """Say whether a word is built from input here, and not by the shell that it is for."""
    joined = text.replace("'\"'\"'", "'").replace("'\\''", "'")
    literal = f"'{word.text}'" in joined
    return not literal and not word.text.startswith("$'") and _carries(word, names)


def unquoted(text: str) -> Iterator[tuple[int, str]]:
    """Yield where a shell text hands input on without quotes, with the word."""
    if not any(each in text for each in _INPUTS):
        return
    names = tainted(text)
    for simple in commands_in(text):
        words = words_of(simple)
        if not words or program(words[0]) in _HARMLESS:
            continue
        for word in simple.words[1:]:
            if word.bare and "$" in word.text and _carries(word, names):
                yield simple.line, word.text


def downloads(text: str) -> Iterator[tuple[int, str]]:
    """Yield where a shell text runs what it has just downloaded, with the command."""
    if not any(each in text for each in _DOWNLOADS):
        return
    for parts in pipes_in(text):
        for at, part in enumerate(parts[1:], 1):
            if _is_run(part) and any(_fetches(each) for each in parts[:at]):
                yield part.line, f"{words_of(parts[0])[0]} … | {words_of(part)[0]}"
    for simple in commands_in(text):
        words = words_of(simple)
        if not words or program(words[0]) not in (*_RUNS, "eval"):
            continue
        for word in simple.words[1:]:
            inner = [each for part in word.inner for each in commands_in(part)]
            if word.text.startswith("<("):
                inner += commands_in(word.text[2:].removesuffix(")"))
            if any(_fetches(each) for each in inner):
                yield simple.line, f"{words[0]} {word.text[:40]}"


def _is_run(part: Simple) -> bool:
    """Say whether a command runs what it is fed: a shell or an interpreter with no script."""
    words = words_of(part)
    while words and program(words[0]) in ("sudo", "env", "exec"):
        words = words[1:]
    if not words or program(words[0]) not in _RUNS:
        return False
    # Of options, `-s` takes arguments after the program from standard input.
    return (
        len(words) == 1
        or words[1].startswith("-s")
        or words[1:] == ("-",)
        or (
            all(each.startswith("-") for each in words[1:])
            and _CODE.get(words[0], "-c") not in words
        )
    )


def _fetches(simple: Simple) -> bool:
    words = words_run(simple)
    if not words or program(words[0]) not in _DOWNLOADS:
        return False
    # What is written to a file is not handed on.
    return program(words[0]) == "wget" or not {"-o", "--output", "-O"} & set(words)
