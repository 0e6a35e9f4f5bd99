"""Parse shell tokens into a tree: lists, chains of `&&` and `||`, pipelines, compound commands.

The grammar is POSIX's, with bash's `[[`, `((`, `|&`, `function` and `select`. Nothing is expanded.
"""

import msgspec

from pawl.parsing.shell_words import Operator, Token, Unreadable, Word, lex

MAX_NESTING = 50
ENDS = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
SEPARATORS = frozenset({";", "&", "newline"})
CASE_ENDS = frozenset({";;", ";&", ";;&"})


class Simple(msgspec.Struct, frozen=True):
    """A command with its words; `assigns` are the assignments before them, as `(name, word)`."""

    words: tuple[Word, ...]
    assigns: tuple[tuple[str, Word], ...]
    line: int


class Pipe(msgspec.Struct, frozen=True):
    """Commands that feed each other; `negated` by a `!` before them."""

    parts: tuple["Node", ...]
    negated: bool = False


class Chain(msgspec.Struct, frozen=True):
    """Pipelines joined by `&&` and `||`; `background` when an `&` ends it."""

    parts: tuple[Pipe, ...]
    joins: tuple[str, ...] = ()
    background: bool = False


class Block(msgspec.Struct, frozen=True):
    """Chains one after another."""

    chains: tuple[Chain, ...]


class Group(msgspec.Struct, frozen=True):
    """`{ … }`, or `( … )` in a shell of its own."""

    body: Block
    subshell: bool


class If(msgspec.Struct, frozen=True):
    """Conditions with what each leads to, and what happens otherwise."""

    branches: tuple[tuple[Block, Block], ...]
    otherwise: Block | None


class Loop(msgspec.Struct, frozen=True):
    """`for`, `select`, `while`, `until`."""

    kind: str
    condition: Block | None
    body: Block


class Case(msgspec.Struct, frozen=True):
    """`case`, with the word it asks about and the body of each pattern."""

    word: Word | None
    bodies: tuple[Block, ...]


class Function(msgspec.Struct, frozen=True):
    """A function; its body does nothing until it is called."""

    name: str
    body: "Node"


Node = Simple | Group | If | Loop | Case | Function


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def sign(self) -> str:
        """Return the operator that comes next, or nothing."""
        token = self.peek()
        return token.text if isinstance(token, Operator) else ""

    def reserved(self) -> str:
        """Return the unquoted word that comes next, or nothing."""
        token = self.peek()
        return token.text if isinstance(token, Word) and token.bare else ""

    def wrong(self, wanted: str) -> Unreadable:
        token = self.peek()
        where = f"line {token.line}" if token else "the end"
        return Unreadable(f"{where}: `{wanted}` is missing")

    def expect(self, word: str) -> None:
        if self.reserved() != word:
            raise self.wrong(word)
        self.at += 1

    def expect_sign(self, sign: str) -> None:
        if self.sign() != sign:
            raise self.wrong(sign)
        self.at += 1

    def newlines(self) -> None:
        while self.sign() == "newline":
            self.at += 1

    def block(self) -> Block:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise Unreadable("nested too deeply")
        chains: list[Chain] = []
        while True:
            while self.sign() in SEPARATORS:
                self.at += 1
            if self.peek() is None or self.sign() in (")", *CASE_ENDS) or self.reserved() in ENDS:
                break
            chain = self.chain()
            if self.sign() == "&":
                chain = msgspec.structs.replace(chain, background=True)
            chains.append(chain)
            if self.sign() not in (*SEPARATORS, ")", *CASE_ENDS) and self.peek() is not None:
                raise self.wrong(";")
        self.depth -= 1
        return Block(tuple(chains))

    def chain(self) -> Chain:
        parts, joins = [self.pipe()], []
        while self.sign() in ("&&", "||"):
            joins.append(self.sign())
            self.at += 1
            self.newlines()
            parts.append(self.pipe())
        return Chain(tuple(parts), tuple(joins))

    def pipe(self) -> Pipe:
        negated = False
        while self.reserved() in ("!", "time"):
            negated ^= self.reserved() == "!"
            self.at += 1
            if self.reserved() == "-p":
                self.at += 1
        parts = [self.command()]
        while self.sign() in ("|", "|&"):
            self.at += 1
            self.newlines()
            parts.append(self.command())
        return Pipe(tuple(parts), negated)

    def command(self) -> Node:
        if self.sign() == "(":
            self.at += 1
            body = self.block()
            self.expect_sign(")")
            return Group(body, True)
        word = self.reserved()
        compound = {
            "{": self.group,
            "if": self.branches,
            "for": self.for_loop,
            "select": self.for_loop,
            "while": self.while_loop,
            "until": self.while_loop,
            "case": self.case,
            "function": self.function,
        }.get(word)
        if compound is not None:
            self.at += 1
            return compound(word)
        if word in ENDS or not isinstance(self.peek(), Word):
            raise self.wrong("a command")
        following = self.tokens[self.at + 1 : self.at + 3]
        if [token.text for token in following if isinstance(token, Operator)] == ["(", ")"]:
            self.at += 3
            self.newlines()
            return Function(word, self.command())
        return self.simple()

    def group(self, _: str) -> Node:
        body = self.block()
        self.expect("}")
        return Group(body, False)

    def branches(self, _: str) -> Node:
        branches: list[tuple[Block, Block]] = []
        otherwise = None
        while True:
            condition = self.block()
            self.expect("then")
            branches.append((condition, self.block()))
            word = self.reserved()
            self.at += 1
            if word == "elif":
                continue
            if word == "else":
                otherwise = self.block()
                self.expect("fi")
            elif word != "fi":
                self.at -= 1
                raise self.wrong("fi")
            return If(tuple(branches), otherwise)

    def for_loop(self, kind: str) -> Node:
        while self.peek() is not None and self.reserved() not in ("do", "{"):
            self.at += 1
        return Loop(kind, None, self.loop_body())

    def while_loop(self, kind: str) -> Node:
        condition = self.block()
        return Loop(kind, condition, self.loop_body())

    def loop_body(self) -> Block:
        if self.reserved() == "{":
            self.at += 1
            body = self.block()
            self.expect("}")
            return body
        self.expect("do")
        body = self.block()
        self.expect("done")
        return body

    def case(self, _: str) -> Node:
        word = self.peek()
        while self.peek() is not None and self.reserved() != "in":
            self.at += 1
        self.expect("in")
        bodies: list[Block] = []
        while True:
            self.newlines()
            if self.reserved() == "esac":
                self.at += 1
                return Case(word if isinstance(word, Word) else None, tuple(bodies))
            if self.sign() == "(":
                self.at += 1
            while self.peek() is not None and self.sign() != ")":
                self.at += 1
            self.expect_sign(")")
            bodies.append(self.block())
            if self.sign() in CASE_ENDS:
                self.at += 1

    def function(self, _: str) -> Node:
        name = self.reserved()
        self.at += 1
        if self.sign() == "(":
            self.at += 1
            self.expect_sign(")")
        self.newlines()
        return Function(name, self.command())

    def simple(self) -> Simple:
        words: list[Word] = []
        assigns: list[tuple[str, Word]] = []
        line = self.tokens[self.at].line
        while isinstance(token := self.peek(), Word):
            self.at += 1
            name, equals, _ = token.text.partition("=")
            plain = name.removesuffix("+").replace("_", "a").isalnum()
            if equals and plain and not words and not name[:1].isdigit():
                assigns.append((name.removesuffix("+"), token))
            else:
                words.append(token)
        return Simple(tuple(words), tuple(assigns), line)


def parse(text: str) -> Block:
    """Return the tree of a script; raises Unreadable for what no shell would run."""
    parser = _Parser(lex(text))
    block = parser.block()
    if parser.peek() is not None:
        raise parser.wrong("a command")
    return block


__all__ = [
    "Block",
    "Case",
    "Chain",
    "Function",
    "Group",
    "If",
    "Loop",
    "Node",
    "Pipe",
    "Simple",
    "parse",
]
