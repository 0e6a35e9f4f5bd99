"""Exemptions: a criterion set aside for a time, by somebody who may, with a date it ends on.

The register is a file in the repository; the register of the *base* version judges a change that
edits it. One function decides whether an exemption is valid, and an expired one is both ignored
and reported.
"""

from typing import Literal

import msgspec


class Exemption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the register. Days are ISO dates; it ends at the start of `expires`.

    `paths` are globs that it covers, all when empty. `approver` is neither the owner nor of the
    assessed team. `reopen_on` names events that end it early.
    """

    id: str
    criterion: str
    reason: str
    residual_control: str
    owner: str
    approver: str
    created: str
    expires: str
    subject: str = ""
    paths: tuple[str, ...] = ()
    reopen_on: tuple[str, ...] = ()
    renewals: int = 0


class Register(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`.pawl/exemptions.yaml`."""

    schema: Literal["pawl.exemptions/1"] = "pawl.exemptions/1"
    exemptions: tuple[Exemption, ...] = ()
    approvers: tuple[str, ...] = ()
    leadership: tuple[str, ...] = ()
    assessed: tuple[str, ...] = ()
