"""What import contracts cannot see of a pure core."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pawl"
CORE = (
    *("base", "governance", "parsing", "telemetry", "assets", "runs", "alerts", "evals"),
    *("pipelines", "review", "changes", "incidents", "investigation", "maturity", "render"),
)
FILES = sorted(path for part in CORE for path in (SOURCE / part).rglob("*.py"))
ACTS = {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"}
METHODS = {"read_text", "write_text", "read_bytes", "write_bytes", "unlink", "mkdir"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_core_calls_nothing_that_acts(path: Path) -> None:
    """The core opens, prints and evaluates nothing; importlib.resources loads bundled data."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            assert node.func.id not in ACTS, f"{path}:{node.lineno} calls {node.func.id}()"
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            bundled = "files(" in ast.unparse(node.func.value)
            assert bundled, f"{path}:{node.lineno} calls .{node.func.attr}()"


def test_typed_values_are_read_in_one_place() -> None:
    """Nothing but `pawl.base.typed` has msgspec work out a type: threads would meet half-way."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path == SOURCE / "base" / "typed.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                typed = any(keyword.arg == "type" for keyword in node.keywords)
                if (
                    called == "msgspec.convert"
                    or (called == "msgspec.json.decode" and (typed or len(node.args) > 1))
                    or (called == "msgspec.json.Decoder" and (node.args or node.keywords))
                    or called in ("msgspec.msgpack.decode", "msgspec.msgpack.Decoder")
                ):
                    found.append(f"{path}:{node.lineno}")
    assert found == []
