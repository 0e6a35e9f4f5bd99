"""Split shell text into words and operators, as a shell does: quotes, heredocs, substitutions.

Redirections are dropped: they decide where output goes, not whether a failure counts. A word
keeps the text of the command substitutions inside it. GitHub's `${{ }}` is part of a word.
"""

import msgspec

MAX_SCRIPT = 100_000
"""Characters of one script that are read; longer ones are not judged."""
MAX_TOKENS = 10_000
"""Words and operators of one script; the longest in public workflows have some 3,000."""
MAX_NESTING = 40

OPERATORS = (";;&", "&&", "||", ";;", ";&", "|&", ";", "|", "&", "(", ")")
REDIRECTS = ("&>>", "<<<", "<<-", "&>", "<<", ">>", ">&", "<&", "<>", ">|", "<", ">")
BLANK = " \t\r"


class Unreadable(ValueError):
    """The text is no shell script that we can follow; the message says where it stopped."""


class Word(msgspec.Struct, frozen=True):
    """One word without its quotes. `bare` says that no part of it was quoted.

    `inner` is the text of the command substitutions in it, outermost only.
    """

    text: str
    line: int
    bare: bool = True
    inner: tuple[str, ...] = ()


class Operator(msgspec.Struct, frozen=True):
    """A control operator; a newline is the operator of that name."""

    text: str
    line: int


Token = Word | Operator


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.depth = 0
        self.testing = False
        self.tokens: list[Token] = []
        self.pending: list[tuple[str, bool]] = []
        self.targets: list[Word] = []

    def all(self) -> list[Token]:
        while self.at < len(self.text):
            if len(self.tokens) > MAX_TOKENS:
                raise Unreadable(f"more than {MAX_TOKENS:,} words")
            char = self.text[self.at]
            if char in BLANK:
                self.at += 1
            elif self.text.startswith(("\\\n", "\\\r\n"), self.at):
                self.step(self.text.index("\n", self.at) + 1)
            elif char == "#":
                self.step(self.end_of_line())
            elif char == "\n":
                self.newline()
            elif not self.operator():
                self.word()
        return self.tokens

    def step(self, to: int) -> str:
        """Move on to a position and return what was passed, counting lines."""
        passed = self.text[self.at : to]
        self.line += passed.count("\n")
        self.at = to
        return passed

    def end_of_line(self) -> int:
        found = self.text.find("\n", self.at)
        return len(self.text) if found < 0 else found

    def newline(self) -> None:
        if not self.testing:
            self.tokens.append(Operator("newline", self.line))
        self.step(self.at + 1)
        for delimiter, tabs in self.pending:
            while self.at < len(self.text):
                line = self.step(self.end_of_line()).removesuffix("\r")
                self.step(min(self.at + 1, len(self.text)))
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break
        self.pending.clear()

    def operator(self) -> bool:
        """Take an operator or a redirection, if one stands here."""
        rest = self.text[self.at : self.at + 3]
        if rest[0] not in ";|&()<>" or rest.startswith(("<(", ">(")):
            return False
        if self.testing and rest[0] in "|&()<>":
            self.tokens.append(Word(rest[0], self.line))
            self.at += 1
            return True
        if rest.startswith("((") and self.arithmetic():
            return True
        for sign in REDIRECTS:
            if rest.startswith(sign):
                self.at += len(sign)
                self.redirect(sign)
                return True
        sign = next(each for each in OPERATORS if rest.startswith(each))
        self.tokens.append(Operator(sign, self.line))
        self.at += len(sign)
        return True

    def arithmetic(self) -> bool:
        """Take `(( … ))` as one word, if that is what stands here."""
        start, line = self.at, self.line
        self.at += 1
        try:
            body = self.balanced("(", ")")
        except Unreadable:
            body = ""
        if not body.endswith("))"):
            self.at, self.line = start, line
            return False
        self.tokens.append(Word("(" + body, line, False))
        return True

    def redirect(self, sign: str) -> None:
        while self.at < len(self.text) and self.text[self.at] in BLANK:
            self.at += 1
        before = len(self.tokens)
        if self.at < len(self.text) and self.text[self.at] not in "\n;|&":
            self.word()
        target = self.tokens[before] if len(self.tokens) > before else None
        self.targets += [each for each in self.tokens[before:] if isinstance(each, Word)]
        del self.tokens[before:]
        if sign in ("<<", "<<-") and isinstance(target, Word):
            self.pending.append((target.text, sign == "<<-"))

    def word(self) -> None:
        line, parts, bare = self.line, [""], True
        inner: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                passed = self.step(min(self.at + 2, len(self.text)))
                parts.append("" if passed == "\\\n" else passed[1:])
            elif char == "'":
                parts.append(self.single())
                bare = False
            elif char == '"':
                parts.append(self.double(inner))
                bare = False
            elif char in "$`":
                parts.append(self.dollar(inner))
            elif char == "(" and parts[-1].endswith(("=", "@", "?", "*", "+")):
                self.at += 1
                parts.append("(" + self.balanced("(", ")"))
            elif self.text.startswith(("<(", ">("), self.at):
                self.at += 2
                parts.append(char + "(" + self.balanced("(", ")"))
            elif char in BLANK or char in "\n;|&()<>":
                break
            else:
                parts.append(self.step(self.at + 1))
        text = "".join(parts)
        follows = self.text[self.at : self.at + 1]
        if bare and text.isdigit() and follows in ("<", ">") and not self.testing:
            return  # the number of a file that is redirected
        if bare and text in ("[[", "]]"):
            self.testing = text == "[["
        self.tokens.append(Word(text, line, bare, tuple(inner)))

    def single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Unreadable(f"line {self.line}: a quote is not closed")
        return self.step(end + 1)[1:-1]

    def double(self, inner: list[str]) -> str:
        parts: list[str] = []
        start = self.line
        self.at += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                return "".join(parts)
            if char == "\\":
                passed = self.step(min(self.at + 2, len(self.text)))
                kept = passed if passed[1:] not in ('"', "\\", "$", "`", "\n") else passed[1:]
                parts.append("" if kept == "\n" else kept)
            elif char in "$`":
                parts.append(self.dollar(inner))
            else:
                parts.append(self.step(self.at + 1))
        raise Unreadable(f"line {start}: a quote is not closed")

    def dollar(self, inner: list[str]) -> str:
        """Take a parameter, an expression or a substitution as it is written."""
        start = self.at
        if self.text[start] == "`":
            self.at += 1
            inner.append(self.balanced("", "`")[:-1])
        elif self.text.startswith("${{", start):
            end = self.text.find("}}", start)
            if end < 0:
                raise Unreadable(f"line {self.line}: `${{{{` is not closed")
            self.step(end + 2)
        elif self.text.startswith("$'", start):
            self.at += 2
            self.balanced("", "'")
        elif self.text.startswith("${", start):
            self.at += 2
            self.balanced("{", "}")
        elif self.text.startswith("$(", start):
            self.at += 2
            body = self.balanced("(", ")")[:-1]
            if not (body.startswith("(") and body.endswith(")")):
                inner.append(body)
        else:
            self.at += 1
        return self.text[start : self.at]

    def balanced(self, opening: str, closing: str) -> str:
        """Pass everything up to the matching closing sign; return it, sign included."""
        start, line, depth = self.at, self.line, 1
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise Unreadable(f"line {self.line}: nested too deeply")
        plain = closing in ("'", "`")
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                self.step(min(self.at + 2, len(self.text)))
                continue
            if char == closing:
                depth -= 1
            elif char == opening:
                depth += 1
            elif not plain and char == "'" and closing == ")":
                self.single()
                continue
            elif not plain and char == '"':
                self.double([])
                continue
            elif char == "#" and closing == ")" and self.text[self.at - 1] in " \t\n":
                self.step(self.end_of_line())
                continue
            self.step(self.at + 1)
            if not depth:
                self.depth -= 1
                return self.text[start : self.at]
        raise Unreadable(f"line {line}: `{closing}` is missing")


def lex(text: str) -> list[Token]:
    """Return the words and operators of a script; raises Unreadable."""
    if len(text) > MAX_SCRIPT:
        raise Unreadable(f"longer than {MAX_SCRIPT:,} characters")
    return _Lexer(text).all()


def targets(text: str) -> list[Word]:
    """Return what a script redirects to and from, texts after `<<<` among them; raises Unreadable.

    The name that ends a heredoc is one of them; what is in the heredoc is not.
    """
    if len(text) > MAX_SCRIPT:
        raise Unreadable(f"longer than {MAX_SCRIPT:,} characters")
    lexer = _Lexer(text)
    lexer.all()
    return lexer.targets
