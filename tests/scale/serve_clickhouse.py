"""Serve ClickHouse over HTTP and TCP out of its shared library, until stdin is closed.

`serve_clickhouse.py LIBRARY CONFIG_XML DATA_FOLDER`. The library's C function runs what the
program `clickhouse local` would, which can open the listeners of a server.
"""

import ctypes
import os
import sys

LISTEN = (
    "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; "
    "SELECT count() FROM file('stdin', 'LineAsString', 'l String') FORMAT Null"
)


class Result(ctypes.Structure):
    """What the library answers with."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("len", ctypes.c_size_t),
        ("vec", ctypes.c_void_p),
        ("elapsed", ctypes.c_double),
        ("rows", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("err", ctypes.c_char_p),
    ]


def main(library: str, config: str, data: str) -> None:
    """Serve; end with the engine's message when it cannot."""
    # Its own copies of common symbols must win over those that Python has loaded.
    engine = ctypes.CDLL(library, mode=os.RTLD_NOW | getattr(os, "RTLD_DEEPBIND", 8))
    engine.query_stable_v2.restype = ctypes.POINTER(Result)
    words = [
        *(b"clickhouse", b"--config-file", config.encode()),
        *(b"--path", data.encode(), b"--query", LISTEN.encode()),
    ]
    done = engine.query_stable_v2(len(words), (ctypes.c_char_p * (len(words) + 1))(*words, None))
    if done and done.contents.err:
        sys.exit(done.contents.err.decode(errors="replace")[:3000])


if __name__ == "__main__":
    main(*sys.argv[1:])
