"""Judge what one Python function's body proves: which of its assertions could ever fail."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from pawl.base.patterns import regex
from pawl.parsing.syntax_tree import children, is_same, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef

_ASSERTING_CALLS = frozenset(
    {
        "raises",
        "warns",
        "deprecated_call",
        "fail",
        "fnmatch_lines",
        "fnmatch_lines_random",
        "no_fnmatch_line",
        "re_match_lines",
        "assertRaises",
        "assertRaisesRegex",
        "assertWarns",
        "assertLogs",
    }
)
"""Calls of pytest, its own test bench and unittest that fail the test by themselves."""
_UNITTEST = regex(r"assert[A-Z]\w*|fail(?:If|Unless)\w*")
_MOCK_OR_NUMERIC = regex(r"assert_\w+")
_EXISTENCE_CALLS = frozenset({"hasattr", "callable"})
_EXISTENCE_METHODS = frozenset({"assertIsNotNone"})
_BUILTINS_OVER_CONSTANTS = frozenset(
    {
        "len",
        "bool",
        "int",
        "str",
        "float",
        "list",
        "tuple",
        "set",
        "dict",
        "sum",
        "abs",
        "max",
        "min",
    }
)
_SWALLOWING = frozenset({"AssertionError", "Exception", "BaseException"})
_SKIP_CALLS = frozenset({"skip", "skipTest", "xfail", "importorskip"})


def called_name(node: ast.expr) -> str | None:
    """Return the last name of an expression that names or calls something."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def is_always(node: ast.expr, value: bool) -> bool:
    """Say whether an expression is a constant that is true (or false) whatever the code does."""
    if isinstance(node, ast.Constant):
        return bool(node.value) is value
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts) is value and not node.elts
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return is_always(node.operand, not value)
    return False


class Body:
    """What one function's body holds, unreachable and swallowed parts left out.

    `asserts`: something in it could fail for a reason that code decides. `constant` and
    `existence`: it has assertions that none does. `calls` are the names of functions it calls.
    """

    def __init__(self, function: Function, fixed: frozenset[str]) -> None:
        self.asserts = False
        self.constant = False
        self.existence = False
        self.is_skipped = False
        self.calls: list[str] = []
        self._fixed = fixed
        self._function = function
        self._block(function.body, swallowed=False, conditional=False)

    @cached_property
    def _names(self) -> "_Names":
        return _names_of(self._function)

    def _block(self, body: list[ast.stmt], *, swallowed: bool, conditional: bool) -> None:
        for statement in body:
            self._statement(statement, swallowed, conditional)
            if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break):
                return
            if self.is_skipped or self.asserts:
                return

    def _statement(self, node: ast.stmt, swallowed: bool, conditional: bool) -> None:
        match node:
            case ast.Assert():
                self._assertion(node.test, swallowed)
                self._expressions([node.test], swallowed)
            case ast.Raise():
                # A failure that the test itself decides on.
                self.asserts |= conditional and not swallowed and node.exc is not None
            case ast.If():
                self._if(node, swallowed)
            case ast.Try():
                self._try(node, swallowed, conditional)
            case ast.With() | ast.AsyncWith():
                self._with(node, swallowed, conditional)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node, swallowed, conditional)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._inner(node, swallowed, conditional)
            case ast.Match():
                for each in node.cases:
                    self._block(each.body, swallowed=swallowed, conditional=True)
            case ast.ClassDef():
                pass
            case _:
                self._skip(node, conditional)
                self._expressions(list(_expressions_of(node)), swallowed)

    def _inner(self, node: Function, swallowed: bool, conditional: bool) -> None:
        if node.name in self._names.read:
            self._block(node.body, swallowed=swallowed, conditional=conditional)
            # Its own skip ends itself, not the test.
            self.is_skipped = False

    def _if(self, node: ast.If, swallowed: bool) -> None:
        self._expressions([node.test], swallowed)
        if not is_always(node.test, False):
            self._block(node.body, swallowed=swallowed, conditional=True)
        if not is_always(node.test, True):
            self._block(node.orelse, swallowed=swallowed, conditional=True)

    def _with(self, node: ast.With | ast.AsyncWith, swallowed: bool, conditional: bool) -> None:
        calls = [item.context_expr for item in node.items]
        self._expressions(calls, swallowed)
        hidden = swallowed or any(map(_suppresses, calls))
        self._block(node.body, swallowed=hidden, conditional=conditional)

    def _skip(self, node: ast.stmt, conditional: bool) -> None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and not conditional:
            name = called_name(node.value)
            self.is_skipped |= name in _SKIP_CALLS and name != "importorskip"

    def _try(self, node: ast.Try, swallowed: bool, conditional: bool) -> None:
        hidden = swallowed or any(_swallows(handler) for handler in node.handlers)
        self._block(node.body, swallowed=hidden, conditional=conditional)
        for handler in node.handlers:
            self._block(handler.body, swallowed=swallowed, conditional=True)
        self._block(node.orelse, swallowed=swallowed, conditional=True)
        self._block(node.finalbody, swallowed=swallowed, conditional=conditional)

    def _loop(
        self, node: ast.For | ast.AsyncFor | ast.While, swallowed: bool, conditional: bool
    ) -> None:
        head = node.test if isinstance(node, ast.While) else node.iter
        self._expressions([head], swallowed)
        if not is_always(head, False):
            self._block(node.body, swallowed=swallowed, conditional=conditional)
        self._block(node.orelse, swallowed=swallowed, conditional=conditional)

    def _expressions(self, expressions: list[ast.expr], swallowed: bool) -> None:
        if swallowed:
            return
        for expression in expressions:
            for node in _reached(expression):
                if isinstance(node, ast.Call):
                    self._call(node)

    def _call(self, node: ast.Call) -> None:
        name = called_name(node)
        if name is None:
            return
        if name in _ASSERTING_CALLS:
            self.asserts = True
        elif isinstance(node.func, ast.Attribute) and _UNITTEST.fullmatch(name):
            self._method(name, node)
        elif isinstance(node.func, ast.Attribute) and _MOCK_OR_NUMERIC.fullmatch(name):
            self._mock(node.func, name)
        elif len(self.calls) < 200:
            self.calls.append(name)

    def _mock(self, function: ast.Attribute, name: str) -> None:
        """A mock's or a library's `assert_…`; on `self` it is a helper, judged where defined."""
        if isinstance(function.value, ast.Name) and function.value.id in ("self", "cls"):
            self.calls.append(name)
        else:
            self.asserts = True

    def _method(self, name: str, node: ast.Call) -> None:
        """`self.assertEqual(…)` and its family."""
        if name in _EXISTENCE_METHODS:
            self.existence = True
        elif self._compares_nothing(node.args[:2]):
            self.constant = True
        elif node.args and name in ("assertTrue", "assertFalse"):
            self._assertion(node.args[0], False)
        else:
            self.asserts = True

    def _compares_nothing(self, compared: list[ast.expr]) -> bool:
        """Say whether what is compared is constant, or the same thing twice."""
        if compared and all(map(self._is_constant, compared)):
            return True
        return len(compared) == 2 and is_same(compared[0], compared[1])

    def _assertion(self, test: ast.expr, swallowed: bool) -> None:
        if swallowed:
            return
        if self._is_constant(test):
            self.constant = True
        elif self._is_existence(test):
            self.existence = True
        else:
            self.asserts = True

    def _is_constant(self, node: ast.expr) -> bool:
        """Say whether no code under test decides an expression."""
        if isinstance(node, ast.BoolOp):
            decided = isinstance(node.op, ast.Or)
            return any(is_always(each, decided) for each in node.values) or all(
                map(self._is_constant, node.values)
            )
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            same = isinstance(node.ops[0], ast.Eq | ast.Is | ast.LtE | ast.GtE)
            if same and is_same(node.left, node.comparators[0]):
                return not any(isinstance(each, ast.Call) for each in walk(node.left))
        if (
            isinstance(node, ast.Call)
            and called_name(node) == "isinstance"
            and len(node.args) == 2
            and called_name(node.args[1]) == "object"
        ):
            return True
        names: set[str] = set()
        for each in walk(node):
            if isinstance(each, ast.Name):
                names.add(each.id)
            elif not _may_be_constant(each):
                return False
        # Last, since the function's names have to be sorted for it.
        names -= _BUILTINS_OVER_CONSTANTS
        return not names or names <= self._names.literal

    def _is_existence(self, node: ast.expr) -> bool:
        """Say whether an expression only asks that something is there."""
        if isinstance(node, ast.BoolOp):
            return all(self._is_existence(each) for each in node.values)
        if isinstance(node, ast.Compare):
            return isinstance(node.ops[0], ast.IsNot) and (
                isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value is None
            )
        if isinstance(node, ast.Call):
            return called_name(node) in _EXISTENCE_CALLS
        return isinstance(node, ast.Name) and node.id in self._fixed


def _may_be_constant(node: ast.AST) -> bool:
    """Say whether a part of an expression, its names aside, leaves it a constant."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _BUILTINS_OVER_CONSTANTS
    return not isinstance(node, ast.Attribute | ast.Await | ast.Yield | ast.NamedExpr)


class _Names(NamedTuple):
    """A function's names: those it sets only to literals, and those it reads."""

    literal: frozenset[str]
    read: frozenset[str]


def _names_of(function: Function) -> _Names:
    """Sort a function's names in one walk over it."""
    literal: set[str] = set()
    set_otherwise: set[str] = set()
    read: set[str] = set()
    stored: Counter[str] = Counter()
    aliases: list[tuple[str, str]] = []
    for node in walk(function):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                read.add(node.id)
            else:
                stored[node.id] += 1
        elif isinstance(node, ast.arg):
            set_otherwise.add(node.arg)
        elif isinstance(node, ast.Nonlocal | ast.Global):
            set_otherwise.update(node.names)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Name):
            targets = [each.id for each in node.targets if isinstance(each, ast.Name)]
            stored.subtract(targets)
            if isinstance(node.value, ast.Name):
                aliases += [(target, node.value.id) for target in targets]
            else:
                literal.update(targets)
    # A name stored more often than literals are given to it holds something else at times.
    set_otherwise.update(name for name, times in stored.items() if times > 0)
    fixed = (literal | {name for name, _ in aliases}) - set_otherwise
    # A name that stands for another holds a literal only where that one does.
    while loose := {name for name, other in aliases if name in fixed and other not in fixed}:
        fixed -= loose
    return _Names(frozenset(fixed), frozenset(read))


def _reached(expression: ast.expr) -> Iterator[ast.AST]:
    """Yield an expression's parts, without the branch that a constant rules out."""
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.IfExp) and is_always(node.test, False):
            waiting.append(node.orelse)
        elif isinstance(node, ast.BoolOp) and is_always(
            node.values[0], isinstance(node.op, ast.Or)
        ):
            waiting.append(node.values[0])
        else:
            waiting += children(node)


def _expressions_of(node: ast.stmt) -> Iterator[ast.expr]:
    for child in children(node):
        if isinstance(child, ast.expr):
            yield child


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler takes a failed assertion and goes on."""
    kinds = (
        [None]
        if handler.type is None
        else [called_name(each) for each in handler.type.elts]
        if isinstance(handler.type, ast.Tuple)
        else [called_name(handler.type)]
    )
    if None not in kinds and _SWALLOWING.isdisjoint(kind for kind in kinds if kind):
        return False
    return not any(
        isinstance(node, ast.Raise | ast.Assert)
        or (isinstance(node, ast.Call) and called_name(node) in ("fail", "exit", "skip"))
        for statement in handler.body
        for node in walk(statement)
    )


def _suppresses(call: ast.expr) -> bool:
    return (
        isinstance(call, ast.Call)
        and called_name(call) == "suppress"
        and any(called_name(each) in _SWALLOWING for each in call.args)
    )
