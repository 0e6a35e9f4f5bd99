"""The root cause that a postmortem publishes, in four words that can be equal."""

import re

import msgspec

from pawl.base.canonical import digest

VERSION = 1


class RootCause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it happened: a class, where, what set it off, and the control that was not there."""

    cause_class: str
    component: str
    trigger: str
    missing_control: str


def root_cause_key(cause: RootCause) -> str:
    """Return the key of a root cause, `rc:1:` and a digest; spelling of spaces and case is one."""
    words = {
        name: re.sub(r"[\s_-]+", "-", getattr(cause, name).strip(), flags=re.ASCII).lower()
        for name in RootCause.__struct_fields__
    }
    return f"rc:{VERSION}:{digest(words)}"
