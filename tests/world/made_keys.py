"""SSH keys made with the real ssh-keygen, for tests."""

import subprocess
from pathlib import Path

import msgspec


class Key(msgspec.Struct, frozen=True):
    """A key pair: where the private half is, the public line, its fingerprint."""

    path: Path
    public: str
    fingerprint: str


def made_key(folder: Path, name: str, kind: str = "ed25519", passphrase: str = "") -> Key:
    """Make a key in a folder."""
    path = folder / name
    made = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", str(path)]
    subprocess.run(made, check=True, capture_output=True)
    told = subprocess.run(
        ["ssh-keygen", "-l", "-f", f"{path}.pub"], check=True, capture_output=True, text=True
    ).stdout
    public = " ".join(path.with_suffix(".pub").read_text().split()[:2])
    return Key(path, public, told.split()[1])
