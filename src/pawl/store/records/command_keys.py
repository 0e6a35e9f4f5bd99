"""Under which key of the ledger a command stands that may be told twice."""

from pawl.base.canonical import sha256_hex


class ChangedMeanwhile(Exception):
    """Somebody else was first: what was read is no longer what is there."""


def command_key(command: str, subject: str, key: str) -> str:
    """Return the ledger's key of a command that was given a key: any text, of any length."""
    return f"{command}|{subject}|key|{sha256_hex(key.encode())[:32]}" if key else ""
