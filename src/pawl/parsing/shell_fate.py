"""What becomes of each command of a script when it fails: does the script fail, or does it not.

Follows `set -e`, `pipefail`, `||`, `&&`, `!`, conditions, subshells, functions, traps, background
and saved statuses (`rc=$?` … `exit $rc`). Where the script decides by what it computes, the
answer leans to believing it; a failure that only a literal could hide counts as hidden.
"""

from collections.abc import Iterator, Sequence

import msgspec

from pawl.parsing.shell_status import (
    ends_here,
    is_asked,
    lets_other_status_pass,
    literal,
    reachable,
    simples,
    stops,
    without_negation,
    words_of,
)
from pawl.parsing.shell_tree import (
    Block,
    Case,
    Chain,
    Group,
    If,
    Loop,
    Node,
    Pipe,
    Simple,
    parse,
)
from pawl.parsing.shell_words import Unreadable

MAX_COMMANDS = 2000
MAX_CALLS = 20
MAX_LOOKS = 20_000
"""Looks ahead in one script; beyond, a saved status counts as lost."""
GOES_ON = "the script goes on after it fails"
NEVER = "never runs"


class Shell(msgspec.Struct, frozen=True):
    """The options a script starts with."""

    errexit: bool
    pipefail: bool


class Ran(msgspec.Struct, frozen=True):
    """One command of a script. `swallowed` says why its failure does not count, or is None.

    `hidden_by` is the command whose own success hides the failure, where there is one: a retry
    of the same check, or a filter, may be a check itself.
    """

    words: tuple[str, ...]
    line: int
    swallowed: str | None
    hidden_by: tuple[str, ...] = ()


class Fate(msgspec.Struct, frozen=True):
    """Why a failure does not count (None: it does), and what hides it."""

    reason: str | None = None
    hidden_by: tuple[str, ...] = ()


COUNTS = Fate()


class Walk:
    """One walk over a script, in the order in which it runs."""

    def __init__(self, shell: Shell) -> None:
        self.errexit = shell.errexit
        self.pipefail = shell.pipefail
        self.functions: dict[str, Node] = {}
        self.calls = 0
        self.looks = MAX_LOOKS
        self.later: list[Sequence[object]] = []
        self.trap: str | None = None
        self.ran: list[Ran] = []

    # A failure has two fates: `stop` when it ends this shell, `drop` when it is only the status
    # of the list around it. `tested` says that `set -e` does not hold here.

    def block(self, block: Block, stop: Fate, drop: Fate, tested: bool) -> None:
        dead = False
        for at, chain in enumerate(block.chains):
            rest = block.chains[at + 1 :]
            if dead:
                fate = Fate(NEVER)
                self.chain(chain, fate, fate, True, dead=True)
                continue
            self.later.append(rest)
            if chain.background:
                # Without the job's name `wait` says 0 whatever happened.
                waited = any(
                    words[:1] == ("wait",) and len(words) > 1
                    for words in map(words_of, simples(tuple(self.after())))
                )
                own = COUNTS if waited else Fate("runs in the background")
            elif not rest:
                own = drop
            else:
                own = COUNTS if self.is_saved(rest[0]) else Fate(GOES_ON)
            self.chain(chain, stop, own, tested or chain.background)
            self.later.pop()
            dead = ends_here(chain)

    def after(self) -> Iterator[object]:
        """Yield what comes after the place of the walk, nearest first, within the budget."""
        for rest in reversed(self.later):
            for node in rest:
                self.looks -= 1
                if self.looks < 0:
                    return
                yield node

    def is_saved(self, following: Chain) -> bool:
        """Say whether the status of what ran just before is looked at, and ends the script."""
        first = next(simples(following), None)
        if first is None:
            return False
        for variable in ("?", "PIPESTATUS"):
            for name, word in first.assigns:
                if f"${variable}" in word.text or f"${{{variable}" in word.text:
                    return is_asked(name, self.after())
            if is_asked(variable, [following]):
                return True
        return False

    def chain(
        self, chain: Chain, stop: Fate, drop: Fate, tested: bool, *, dead: bool = False
    ) -> None:
        known: bool | None = None  # what the chain says so far, where constants decide it
        for at, pipe in enumerate(chain.parts):
            joins = chain.joins[at:]
            skipped = at > 0 and known is not None and known == (chain.joins[at - 1] == "||")
            known = known if skipped else literal(pipe)
            if dead or skipped:
                fate = Fate(NEVER)
                self.pipe(pipe, fate, fate, True)
                continue
            last = not joins
            held = self.errexit and not tested and last
            fate = stop if held else drop
            if "||" in joins:
                fate = self.rescued(chain.parts[at + joins.index("||") + 1], stop, held, drop)
            self.pipe(pipe, stop, fate, tested or not last)

    def rescued(self, handler: Pipe, stop: Fate, held: bool, drop: Fate) -> Fate:
        """Return the fate of a failure that an `||` catches."""
        ending, command = self.ending(handler.parts[-1])
        for name, word in command.assigns if command and not command.words else ():
            if not word.text.endswith("=0") and is_asked(name, self.after()):
                return COUNTS
        if command and words_of(command)[:1] and words_of(command)[0].startswith("(("):
            name = words_of(command)[0].strip("(+=)-1 ")
            if name and is_asked(name, self.after()):
                return COUNTS
        if ending == "stops":
            return stop
        if ending == "fails":
            return stop if self.errexit else drop
        shown = " ".join(words_of(command)) if command else "…"
        return Fate(f"`|| {shown[:40]}` hides its failure", words_of(command) if command else ())

    def ending(self, node: Node) -> tuple[str, Simple | None]:
        """Return how a handler ends: it `stops` the shell, `fails`, or `passes`."""
        if isinstance(node, Simple):
            return self.simple_ending(node), node
        if isinstance(node, Group):
            return self.group_ending(node)
        if isinstance(node, If | Case | Loop):
            gives_up = any(stops(each) for each in simples(node))
            return ("stops" if gives_up else "passes"), next(simples(node), None)
        return "passes", None

    def simple_ending(self, node: Simple) -> str:
        words = words_of(node)
        if words == ("exit",) or words == ("return",):
            return "stops"
        if words[:1] and words[0] in self.functions and self.calls < MAX_CALLS:
            self.calls += 1
            return self.ending(self.functions[words[0]])[0]
        if words == ("false",):
            return "fails"
        if stops(node):
            return "stops"
        return "fails" if lets_other_status_pass(words) else "passes"

    def group_ending(self, node: Group) -> tuple[str, Simple | None]:
        how, last = "passes", None
        for chain in node.body.chains:
            how, last = self.ending(chain.parts[-1].parts[-1])
            ends = not chain.joins or set(chain.joins) == {"&&"}
            how = how if ends else "passes"
            if how == "stops" or ends_here(chain):
                break
            saved = [
                name for each in simples(chain) for name, word in each.assigns if "$?" in word.text
            ]
            if any(is_asked(name, (*node.body.chains, *self.after())) for name in saved):
                return "stops", last
        return ("fails" if node.subshell and how == "stops" else how), last

    def pipe(self, pipe: Pipe, stop: Fate, fate: Fate, tested: bool) -> None:
        for at, part in enumerate(pipe.parts):
            own, inside = fate, tested or pipe.negated
            if pipe.negated and fate.reason is None:
                own = Fate("`!` turns its result round")
            if at < len(pipe.parts) - 1 and not self.pipefail and own.reason is None:
                saved = self.later and self.later[-1] and self.is_saved_pipe(self.later[-1][0])
                last = self.ending(pipe.parts[-1])[1]
                hidden = words_of(last) if last else ()
                shown = hidden[0] if hidden else "…"
                own = COUNTS if saved else Fate(f"`| {shown}` without pipefail hides it", hidden)
            alone = len(pipe.parts) == 1
            self.node(part, stop if alone else own, own, inside if alone else False)

    def is_saved_pipe(self, following: object) -> bool:
        first = next(simples(following), None)
        said = first and [*words_of(first), *(word.text for _, word in first.assigns)]
        asks = any("PIPESTATUS" in word for word in said or ())
        return asks and isinstance(following, Chain) and self.is_saved(following)

    def node(self, node: Node, stop: Fate, fate: Fate, tested: bool) -> None:
        if isinstance(node, Simple):
            self.simple(node, stop, fate, tested)
        elif isinstance(node, Group):
            options = (self.errexit, self.pipefail)
            ends = fate if node.subshell else stop
            self.block(node.body, ends, fate, tested)
            if node.subshell:
                self.errexit, self.pipefail = options
        elif isinstance(node, If):
            self.branches(node, stop, fate, tested)
        elif isinstance(node, Loop):
            self.loop(node, stop, fate, tested)
        elif isinstance(node, Case):
            for body in node.bodies:
                self.block(body, stop, fate, tested)
        else:
            self.functions[node.name] = node.body

    def branches(self, node: If, stop: Fate, fate: Fate, tested: bool) -> None:
        for at, (condition, body) in enumerate(node.branches):
            others = [part for pair in node.branches[at + 1 :] for part in pair]
            on_failure = [*others, node.otherwise] if node.otherwise else others
            last = condition.chains[-1] if condition.chains else None
            negated = last is not None and last.parts[-1].negated
            if negated and last is not None:
                on_failure = [body]
                turned = msgspec.structs.replace(last.parts[-1], negated=False)
                last = msgspec.structs.replace(last, parts=(*last.parts[:-1], turned))
                condition = Block((*condition.chains[:-1], last))
            asked = self.condition_fate(on_failure, stop)
            self.block(condition, asked, asked, True)
            never = last is not None and len(last.parts) == 1 and literal(last.parts[0])
            dead = Fate(NEVER)
            skipped = never is not None and never == negated
            self.block(body, *(dead, dead) if skipped else (stop, fate), tested or skipped)
        if node.otherwise:
            self.block(node.otherwise, stop, fate, tested)

    def condition_fate(self, on_failure: Sequence[Block], stop: Fate) -> Fate:
        for body in on_failure:
            for simple in simples(reachable(body)):
                if stops(simple) or words_of(simple) == ("exit",):
                    return stop
                for name, word in simple.assigns:
                    if not word.text.endswith("=0") and is_asked(name, self.after()):
                        return COUNTS
        return Fate("`if` asks for its result and goes on")

    def loop(self, node: Loop, stop: Fate, fate: Fate, tested: bool) -> None:
        if node.condition is not None:
            until = node.kind == "until"
            negated = any(chain.parts[-1].negated for chain in node.condition.chains)
            asked = COUNTS if until != negated else Fate("a loop asks for its result and goes on")
            self.block(without_negation(node.condition), asked, asked, True)
        own = fate if fate.reason else Fate("the loop goes on after it fails")
        self.block(node.body, stop, own, tested)

    def simple(self, node: Simple, stop: Fate, fate: Fate, tested: bool) -> None:
        words = words_of(node)
        if words[:1] == ("set",):
            self.set_options(words[1:])
        elif words[:1] == ("trap",):
            self.set_trap(words[1:])
        elif words and words[0] in self.functions and self.calls < MAX_CALLS:
            self.calls += 1
            self.node(self.functions[words[0]], stop, fate, tested)
        elif words and len(self.ran) < MAX_COMMANDS:
            self.ran.append(Ran(words, node.line, fate.reason, fate.hidden_by))
        for _, word in node.assigns:
            for text in word.inner:
                self.inner(text, node.line, Fate("only its output is used") if words else fate)
        for word in node.words:
            for text in word.inner:
                self.inner(text, node.line, Fate("only its output is used"))

    def inner(self, text: str, line: int, fate: Fate) -> None:
        """Walk a command substitution, in which bash does not keep `set -e`."""
        for each in fates(text, Shell(False, self.pipefail)):
            if len(self.ran) < MAX_COMMANDS:
                self.ran.append(
                    Ran(each.words, line + each.line - 1, each.swallowed or fate.reason)
                )

    def set_options(self, words: tuple[str, ...]) -> None:
        named = ""
        for word in words:
            if named:
                self.set_option(word, named == "-")
                named = ""
            elif word[:1] in ("-", "+") and len(word) > 1:
                if "e" in word[1:]:
                    self.errexit = word[0] == "-"
                named = word[0] if word.endswith("o") else ""

    def set_option(self, name: str, on: bool) -> None:
        if name == "errexit":
            self.errexit = on
        elif name == "pipefail":
            self.pipefail = on

    def set_trap(self, words: tuple[str, ...]) -> None:
        if len(words) < 2 or not {"EXIT", "ERR", "0"} & set(words[1:]):
            return
        try:
            body = parse(words[0])
        except Unreadable:
            return
        for simple in simples(body):
            if words_of(simple)[:2] == ("exit", "0"):
                self.trap = "a trap ends the script with 0"


def fates(text: str, shell: Shell) -> list[Ran]:
    """Return every command of a script with what becomes of its failure; raises Unreadable."""
    walk = Walk(shell)
    walk.block(parse(text), COUNTS, COUNTS, False)
    if walk.trap:
        return [
            msgspec.structs.replace(each, swallowed=each.swallowed or walk.trap)
            for each in walk.ran
        ]
    return walk.ran
