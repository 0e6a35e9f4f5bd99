"""The fast walk finds what the slow one does."""

import ast
from pathlib import Path

import pytest

from pawl.parsing import python_proof, shell_words
from pawl.parsing.syntax_tree import children, is_same, walk

SAID_NOTHING = ast.expr_context | ast.operator | ast.unaryop | ast.cmpop | ast.boolop
EVERYTHING = """
@mark(1)
async def f(a: int, /, b=2, *c, d: str = "x", **e) -> None:
    global g
    async with a as b, c: pass
    async for x in y: await z
    else: del x[1:2, ...]
    match a:
        case {"k": [1, *rest], **more} | C(p=q) as whole if whole: pass
        case _: pass
    try: raise E from cause
    except (A, B) as error: yield
class C(Base, metaclass=M):
    x: int = lambda u, *v: f"{u!r:>{v}}"
    y = [i async for i in j if not -k] + {**l, 'm': (n := o)} if p and q or r else s < t <= u
"""


@pytest.mark.parametrize(
    "text",
    [
        EVERYTHING,
        *(Path(each.__file__ or "").read_text() for each in (python_proof, shell_words)),
    ],
    ids=["everything", "python_proof", "shell_words"],
)
def test_only_what_says_nothing_is_left_out(text: str) -> None:
    """Every node is met once, but for contexts and operators."""
    tree = ast.parse(text)
    slow = [node for node in ast.walk(tree) if not isinstance(node, SAID_NOTHING)]
    fast = list(walk(tree))
    assert len(fast) == len(slow)
    assert set(map(id, fast)) == set(map(id, slow))


def test_children_stand_in_the_order_of_the_source() -> None:
    """A call comes before its arguments."""
    call = ast.parse("f(a, *b, c=d)", mode="eval").body
    told = [ast.unparse(each) for each in children(call) if isinstance(each, ast.expr)]
    assert told == ["f", "a", "*b"]


def test_alike_means_written_alike() -> None:
    """Places do not matter, names and kinds do."""
    one, two, three = (
        ast.parse(text, mode="eval").body for text in ("a.b(1)", "a .b( 1)", "a.c(1)")
    )
    assert is_same(one, two)
    assert not is_same(one, three)
    assert not is_same(one, ast.Name("a"))
