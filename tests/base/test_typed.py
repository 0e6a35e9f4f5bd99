"""Typed values are read safely by threads that meet a type for the first time together."""

import subprocess
import sys

import msgspec
import pytest

from pawl.base import typed

CROWD = '''
import sys, threading
import msgspec
from pawl.base import typed
sys.setswitchinterval(1e-6)
MADE = """
import msgspec, typing
class A{n}(msgspec.Struct, frozen=True, kw_only=True):
    x: int | None = None
    y: dict[str, str] = {{}}
    z: tuple[str, ...] = ()
    u: typing.Literal["a", "b"] = "a"
class B{n}(msgspec.Struct, frozen=True, kw_only=True):
    a: A{n} | None = None
    b: tuple[A{n}, ...] = ()
    c: dict[str, A{n}] = {{}}
class C{n}(msgspec.Struct, frozen=True, kw_only=True):
    p: B{n} | None = None
    q: tuple[B{n}, ...] = ()
    r: A{n} | None = None
"""
INNER = b'{"a": {"x": 1, "u": "b"}, "b": [{"x": 2}], "c": {"k": {"z": ["t"]}}}'
WHOLE = b'{"p": ' + INNER + b', "q": [' + INNER + b'], "r": {"y": {"k": "v"}}}'
for n in range(400):
    space = {}
    exec(MADE.format(n=n), space)
    start = threading.Barrier(5)
    def read(kind, text):
        start.wait()
        typed.decode(text, type=kind)
    def turn(kind, text):
        start.wait()
        typed.convert(msgspec.json.decode(text), kind)
    def unpack(kind, text):
        packed = msgspec.msgpack.encode(msgspec.json.decode(text))
        start.wait()
        typed.unpack(packed, type=kind)
    whole, inner = space[f"C{n}"], space[f"B{n}"]
    asked = [(read, whole, WHOLE), (turn, whole, WHOLE), (read, inner, INNER), (turn, inner, INNER)]
    asked.append((unpack, whole, WHOLE))
    threads = [threading.Thread(target=do, args=(kind, text)) for do, kind, text in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("whole")
'''


def test_a_crowd_that_meets_new_types_lives() -> None:
    """Five threads read four hundred new types at once; read directly, a process dies of it."""
    done = subprocess.run(
        [sys.executable, "-c", CROWD], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr


def test_errors_are_those_of_the_library() -> None:
    """What is no JSON, or not of the type, is told as before."""
    with pytest.raises(msgspec.DecodeError):
        typed.decode(b"{", type=dict[str, int])
    with pytest.raises(msgspec.ValidationError):
        typed.decode(b'{"a": "b"}', type=dict[str, int])
    with pytest.raises(msgspec.ValidationError):
        typed.convert({"a": "1"}, dict[str, int])
    assert typed.convert({"a": "1"}, dict[str, int], strict=False) == {"a": 1}
    assert typed.decoder(list[int]).decode(b"[1]") == [1]
