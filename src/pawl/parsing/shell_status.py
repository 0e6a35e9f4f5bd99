"""Small questions about parsed shell commands: does it end the script, is its status asked for."""

from collections.abc import Iterable, Iterator

import msgspec

from pawl.parsing.shell_tree import Block, Case, Chain, Pipe, Simple

MAX_LOOKED = 300
"""Commands after a saved status among which somebody must ask for it."""
GIVES_UP = frozenset({"die", "fail", "abort", "fatal", "bail", "error_exit", "exit_with_error"})
"""Names that scripts give to a function of theirs that ends the script; a convention."""


def words_of(node: Simple) -> tuple[str, ...]:
    """Return a command's words as text."""
    return tuple(word.text for word in node.words)


def simples(node: object) -> Iterator[Simple]:
    """Yield every simple command at or below a node, in the order they are written."""
    if isinstance(node, Simple):
        yield node
    elif isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield from simples(getattr(node, name))
    elif isinstance(node, tuple):
        for each in node:
            yield from simples(each)


def stops(simple: Simple) -> bool:
    """Say whether a command fails whatever happened before."""
    words = words_of(simple)
    if not words:
        return False
    if words[0] in ("exit", "return"):
        return len(words) > 1 and words[1] != "0"
    return words[0] in GIVES_UP or words == ("false",)


def _mentions(text: str, variable: str) -> bool:
    at = text.find(variable)
    while at >= 0:
        after = text[at + len(variable) : at + len(variable) + 1]
        if not (after.isalnum() or after == "_"):
            return True
        at = text.find(variable, at + 1)
    return False


def is_asked(variable: str, nodes: Iterable[object]) -> bool:
    """Say whether a saved status ends the script later: `exit $rc`, or a test and an exit.

    Only the next commands are looked at, up to a limit: a status is asked for soon, or lost.
    """
    left = MAX_LOOKED
    names = (f"${variable}", f"${{{variable}")
    tested = gives_up = False
    for node in nodes:
        for simple in simples(node):
            left -= 1
            if left < 0:
                return tested and gives_up
            words = words_of(simple)
            first = words[0] if words else ""
            said = any(_mentions(word, name) for word in words for name in names)
            if said and first in ("exit", "return"):
                return True
            tested |= said and first in ("[", "[[", "test", "let")
            tested |= first.startswith("((") and _mentions(first, variable)
            gives_up |= stops(simple)
        tested |= isinstance(node, Chain) and f"${variable}" in _asked_words(node)
    return tested and gives_up


def _asked_words(chain: Chain) -> str:
    heads = [part.word for pipe in chain.parts for part in pipe.parts if isinstance(part, Case)]
    return " ".join(word.text for word in heads if word is not None)


def without_negation(condition: Block) -> Block:
    """Return a condition without its `!`."""
    chains = tuple(
        msgspec.structs.replace(
            chain,
            parts=tuple(msgspec.structs.replace(pipe, negated=False) for pipe in chain.parts),
        )
        for chain in condition.chains
    )
    return Block(chains)


def ends_here(chain: Chain) -> bool:
    """Say whether nothing after this chain runs."""
    last = chain.parts[0].parts[-1]
    if len(chain.parts) > 1 or not isinstance(last, Simple) or len(chain.parts[0].parts) > 1:
        return False
    return words_of(last)[:1] in (("exit",), ("return",), ("exec",))


def literal(pipe: Pipe) -> bool | None:
    """Return what a command that is a constant says: True, False, or None for any other."""
    part = pipe.parts[-1]
    words = words_of(part) if isinstance(part, Simple) else ()
    if len(words) != 1 or words[0] not in ("true", ":", "false"):
        return None
    return (words[0] != "false") != pipe.negated


def lets_other_status_pass(words: tuple[str, ...]) -> bool:
    """Say whether a test lets only a status of 2 or above pass: `[ $? -eq 5 ]`."""
    if words[:1] not in (("[",), ("[[",), ("test",)) or len(words) < 4:
        return False
    compared, operator, number = words[1:4]
    return compared == "$?" and operator in ("-eq", "==", "=") and number not in ("0", "1")


def reachable(block: Block) -> tuple[Chain, ...]:
    """Return a block's chains without what a command that cannot fail keeps from running."""
    found = []
    for chain in block.chains:
        first = chain.parts[0].parts[-1]
        words = words_of(first) if isinstance(first, Simple) else ()
        said = literal(chain.parts[0])
        if words[:1] in (("echo",), ("printf",)) and not chain.parts[0].negated:
            said = True
        shut = bool(chain.joins) and said is not None and said == (chain.joins[0] == "||")
        if not shut:
            found.append(chain)
        if ends_here(chain):
            break
    return tuple(found)
