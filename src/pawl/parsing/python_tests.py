"""Find the test functions of a Python file and judge what each proves, by its syntax tree.

The file is parsed, never run. A test function is what pytest and unittest collect: `test…` at
module level, in a class `Test…`, or in a class that inherits from something ending in
`TestCase`, `Test` or `Tests`.
"""

import ast
import re
import warnings
from collections.abc import Iterator

from pawl.base.patterns import regex
from pawl.parsing.found_test import ASSERTING_NAME, MAX_TESTS, Found, FoundTest, Proof
from pawl.parsing.python_proof import Body, Function, called_name, is_always

_ASSERTING = regex(ASSERTING_NAME, re.IGNORECASE)
_TEST_BASE = regex(r".*(?:TestCase|Tests?)$")
_SKIPS = frozenset({"skip", "xfail", "expectedFailure"})
_CONDITIONAL_SKIPS = frozenset({"skipif", "skipIf", "skipUnless"})


def python_tests(text: str) -> Found | None:
    """Return the tests of a Python file, or None when it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            # A doubtful escape in foreign code is that code's business.
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    try:
        return _Reader(module).found()
    except RecursionError:
        return None


class _Reader:
    """The functions of one module, and which of them assert."""

    def __init__(self, module: ast.Module) -> None:
        self._module = module
        self._functions: dict[str, Function] = {}
        self._asserting: dict[str, bool] = {}
        self._fixed = _defined(module)
        for function, _ in _all_functions(module):
            self._functions.setdefault(function.name, function)

    def found(self) -> Found:
        tests = tuple(self._test(*each) for each in list(self._tests())[:MAX_TESTS])
        helpers = {
            name: self._asserts(name, ())
            for name in sorted(self._functions)
            if _ASSERTING.match(name) and not name.startswith("test")
        }
        return Found(tests, helpers)

    def _tests(self) -> Iterator[tuple[Function, bool]]:
        skipped_all = any(
            isinstance(node, ast.Assign)
            and any(isinstance(each, ast.Name) and each.id == "pytestmark" for each in node.targets)
            and _skips(node.value)
            for node in self._module.body
        )
        for function, owner in _all_functions(self._module):
            if not function.name.startswith("test"):
                continue
            if owner is None:
                yield function, skipped_all
            elif owner.name.startswith("Test") or any(
                _TEST_BASE.match(called_name(base) or "") for base in owner.bases
            ):
                yield function, skipped_all or any(map(_skips, owner.decorator_list))

    def _test(self, function: Function, skipped: bool) -> FoundTest:
        if skipped or any(map(_skips, function.decorator_list)):
            return FoundTest(function.name, function.lineno, "skipped")
        body = Body(function, self._fixed)
        if body.is_skipped:
            return FoundTest(function.name, function.lineno, "skipped")
        trusted = [name for name in body.calls if self._is_trusted(name)]
        if body.asserts or any(self._asserts(name, ()) for name in body.calls):
            proof: Proof = "asserts"
        elif trusted:
            return FoundTest(function.name, function.lineno, "trusts", tuple(trusted[:5]))
        else:
            proof = "constant" if body.constant else "existence" if body.existence else "none"
        return FoundTest(function.name, function.lineno, proof)

    def _is_trusted(self, name: str) -> bool:
        """Say whether a function from elsewhere says by its name that it asserts."""
        return name not in self._functions and _ASSERTING.match(name) is not None

    def _asserts(self, name: str, seen: tuple[str, ...]) -> bool:
        """Say whether a function of this file asserts, by itself or through another."""
        if name in seen or len(seen) > 4 or name not in self._functions:
            return False
        if name not in self._asserting:
            body = Body(self._functions[name], self._fixed)
            self._asserting[name] = body.asserts or any(
                self._is_trusted(each) or self._asserts(each, (*seen, name)) for each in body.calls
            )
        return self._asserting[name]


def _all_functions(module: ast.Module) -> list[tuple[Function, ast.ClassDef | None]]:
    """Return the functions at module level and in classes, in the order of lines."""
    found: list[tuple[Function, ast.ClassDef | None]] = []
    waiting: list[tuple[ast.stmt, ast.ClassDef | None]] = [(node, None) for node in module.body]
    while waiting:
        node, owner = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((node, owner))
        elif isinstance(node, ast.ClassDef):
            waiting.extend((each, node) for each in node.body)
        elif isinstance(node, ast.If | ast.Try | ast.With):
            if isinstance(node, ast.If) and is_always(node.test, False):
                continue
            waiting.extend((each, owner) for each in node.body)
    return sorted(found, key=lambda each: each[0].lineno)


def _defined(module: ast.Module) -> frozenset[str]:
    """Return the names that a module imports or defines: that they are there proves nothing."""
    names: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((each.asname or each.name).partition(".")[0] for each in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return frozenset(names)


def _skips(decorator: ast.expr) -> bool:
    """Say whether a mark skips always or expects failure; a real condition does neither."""
    if isinstance(decorator, ast.List | ast.Tuple):
        return any(map(_skips, decorator.elts))
    name = called_name(decorator)
    if name in _CONDITIONAL_SKIPS:
        call = decorator if isinstance(decorator, ast.Call) else None
        always = name != "skipUnless"
        return call is not None and bool(call.args) and is_always(call.args[0], always)
    if name not in _SKIPS:
        return False
    # `xfail(condition, …)` holds only where its condition does.
    return not (name == "xfail" and isinstance(decorator, ast.Call) and decorator.args)
