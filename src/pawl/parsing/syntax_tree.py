"""Walk Python syntax trees faster than `ast` does, past what holds nothing: contexts, operators.

Only the parts matter here, never their order in the source: who asks looks for any or for all.
"""

import ast
from collections.abc import Iterator

_BARE = frozenset({"arg", "attr", "ctx", "id", "kind", "name", "op", "ops", "type_comment"})
"""Fields that hold no expression and no statement."""


_FIELDS = {
    kind: tuple(name for name in kind._fields if name not in _BARE)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST) and kind is not ast.Constant
}


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes right below one, in the order of its fields."""
    found: list[ast.AST] = []
    for name in _FIELDS.get(type(node), ()):
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and everything below it, in no order to rely on."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += children(node)


def is_same(one: ast.AST, other: ast.AST) -> bool:
    """Say whether two nodes are written alike, whatever their places."""
    return type(one) is type(other) and ast.dump(one) == ast.dump(other)
