"""Sign and verify with `ssh-keygen -Y`, which works offline and with keys that people have.

It is started with an environment of its own, with what is trusted in a folder that only we can
read, and is given a bounded time. It reads neither the user's configuration nor their known hosts.
`ssh-keygen(1)` tells the options; validity times are read as UTC.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pawl.base.errors import BadValue, CannotTell, Refused
from pawl.base.patterns import regex

VERIFY_S = 10.0
"""Seconds that verifying may take."""
SIGN_S = 120.0
"""Seconds that signing may take: somebody may type a passphrase or touch a key."""
MAX_TRUSTED = 1024 * 1024
"""Bytes of the list of signers, or of the list of revoked keys."""
MAX_SIGNED = 64 * 1024
"""Bytes of what is signed."""
_SHOWN = 300
_GOOD = regex(r'Good "([^"\n]+)" signature for (.+) with \S+ key (SHA256:[A-Za-z0-9+/]{43})')
_KEPT = ("SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY",
         "XDG_RUNTIME_DIR", "TERM", "SSH_SK_PROVIDER")  # fmt: skip
"""What asking for a passphrase, or an agent that holds the key, needs of the environment."""


class SshKeygen:
    """The program. Raises CannotTell where it is not installed or does not answer."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)

    def verify(
        self,
        signed: bytes,
        signature: str,
        *,
        namespace: str,
        signers: bytes,
        revoked: bytes,
        now: str,
    ) -> str:
        """Return the fingerprint of the listed key that signed; raises Refused for a bad one.

        `signers` is a list as ALLOWED SIGNERS in ssh-keygen(1) tells, `revoked` one of keys or a
        KRL, and may be empty. `now` is when the key has to be valid.
        """
        if len(signed) > MAX_SIGNED or max(len(signers), len(revoked)) > MAX_TRUSTED:
            raise Refused("what is signed, or the list of signers, is too large.")
        with tempfile.TemporaryDirectory(prefix="pawl-signers-") as name:
            folder = Path(name)
            (folder / "signers").write_bytes(signers)
            (folder / "signature").write_text(signature, encoding="utf-8")
            given = ["-s", str(folder / "signature"), "-f", str(folder / "signers")]
            given += ["-O", f"verify-time={_stamp(now)}"]
            if revoked.strip():
                (folder / "revoked").write_bytes(revoked)
                given += ["-r", str(folder / "revoked")]
            found = self._run(["find-principals", *given], signed, folder, VERIFY_S)
            if found.returncode != 0:
                raise _refused("the key is not listed, or is not valid now", found)
            principal = _first(found.stdout)
            if not principal:
                raise _refused("the list names nobody for the key", found)
            told = self._run(
                ["verify", "-I", principal, "-n", namespace, *given], signed, folder, VERIFY_S
            )
        good = _GOOD.search(told.stdout.decode("utf-8", "replace"))
        if told.returncode != 0 or good is None or good[1] != namespace:
            raise _refused("the signature does not hold", told)
        return good[3]

    def sign(self, content: bytes, key: Path, *, namespace: str) -> str:
        """Return the armoured signature by a key file; raises BadValue where it cannot sign."""
        if not key.is_file():
            raise BadValue("There is no such key.", place=str(key), hint="Name a key file.")
        kept = {name: self._environment[name] for name in _KEPT if name in self._environment}
        with tempfile.TemporaryDirectory(prefix="pawl-sign-") as name:
            told = self._run(
                ["sign", "-f", str(key.absolute()), "-n", namespace],
                content,
                Path(name),
                SIGN_S,
                kept,
            )
        if told.returncode != 0 or not told.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
            raise BadValue(
                f"The key does not sign: {_said(told)}.",
                place=str(key),
                hint="Name a private key, or a public one that your agent holds.",
            )
        return told.stdout.decode("ascii", "replace")

    def _run(
        self,
        arguments: list[str],
        given: bytes,
        folder: Path,
        seconds: float,
        more: Mapping[str, str] | None = None,
    ) -> "subprocess.CompletedProcess[bytes]":
        path = self._environment.get("PATH", os.defpath)
        program = shutil.which("ssh-keygen", path=path)
        if program is None:
            raise CannotTell(
                "ssh-keygen is not installed.", place="PATH", hint="Install OpenSSH's client."
            )
        environment = {
            "PATH": path,
            "HOME": str(folder),
            "LC_ALL": "C",
            "TZ": "UTC",
            **(more or {}),
        }
        try:
            return subprocess.run(
                [program, "-Y", *arguments],
                input=given,
                capture_output=True,
                env=environment,
                cwd=folder,
                timeout=seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotTell(
                f"ssh-keygen does not answer: {type(error).__name__}.",
                place=program,
                hint="Try again; until then nothing counts as approved.",
            ) from error


def _stamp(now: str) -> str:
    """Return a canonical time as ssh-keygen reads one: YYYYMMDDHHMMSS."""
    return "".join(letter for letter in now[:19] if letter.isdigit())


def _first(listed: bytes) -> str:
    """Return the first name of the first line; a name that is a pattern matches itself."""
    line = listed.decode("utf-8", "replace").split("\n", 1)[0]
    names = (each.strip() for each in line.split(","))
    return next((each for each in names if each and not each.startswith("!")), "")


def _said(told: "subprocess.CompletedProcess[bytes]") -> str:
    text = (told.stderr or told.stdout).decode("utf-8", "replace")
    plain = "".join(each if each.isprintable() else " " for each in text[:_SHOWN])
    return " ".join(plain.split()).rstrip(".") or f"it ended with {told.returncode}"


def _refused(why: str, told: "subprocess.CompletedProcess[bytes]") -> Refused:
    if told.returncode < 0:
        raise CannotTell(
            f"ssh-keygen was ended by signal {-told.returncode}.",
            place="ssh-keygen",
            hint="Try again; until then nothing counts as approved.",
        )
    return Refused(
        f"{why}: {_said(told)}.",
        place="signature",
        hint="List the key in .pawl/allowed_signers of the protected branch, or sign again.",
    )
