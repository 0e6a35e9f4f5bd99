#!/usr/bin/env python3
"""An agent for trials that does what its prompt says, each word one deed, and tells how it went.

It runs under no name that Pawl knows, so only what is watched from outside is known of it.
"""

import os
import socket
import subprocess
import sys
import time


def attempt(deed: str, act: object) -> None:
    """Do something and print how it ended."""
    try:
        act()  # type: ignore[operator]
    except OSError as error:
        print(deed, type(error).__name__)
    else:
        print(deed, "done")


def write(path: str) -> None:
    """Write a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("planted\n")


def background() -> None:
    """Leave a process that detached itself and would go on writing."""
    code = "while :; do echo x >> late.txt; sleep 0.01; done"
    subprocess.Popen(["/bin/sh", "-c", code], start_new_session=True)
    time.sleep(0.2)


def tell() -> None:
    """Say the secret in another alphabet."""
    with open("secret.txt", encoding="utf-8") as file:
        print(file.read().encode().hex())


DEEDS = {
    "good": lambda: write("result.txt"),
    "outside": lambda: write(os.environ["OUTSIDE"]),
    "link": lambda: os.symlink("/etc", "etc"),
    "passwd": lambda: os.symlink("/etc/passwd", "kept.txt"),
    "pipe": lambda: os.mkfifo("pipe"),
    "network": lambda: socket.create_connection(("192.0.2.99", 4444), 5),
    "name": lambda: socket.getaddrinfo("exfil.attacker.test", 443),
    "background": background,
    "secret": tell,
    "peek": lambda: print("peeked", *os.listdir(os.environ["PEEK"]), sep="|"),
    "hang": lambda: time.sleep(600),
    "fail": lambda: sys.exit("overloaded"),
}

if __name__ == "__main__":
    prompt = sys.stdin.read() or " ".join(sys.argv[1:])
    for word in prompt.split():
        if word in DEEDS:
            attempt(word, DEEDS[word])
    print("said", len(prompt))
