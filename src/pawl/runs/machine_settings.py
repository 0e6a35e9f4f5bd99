"""What only the machine's own `pawl.toml` may say: the one in the data folder.

A repository's file of that name is whoever's who wrote the last change, so a section of these
there is refused like any that is not known.
"""

from typing import Annotated

import msgspec

from pawl.runs.change_settings import MachineChangeSettings
from pawl.runs.config import Settings
from pawl.runs.investigation_settings import MachineInvestigationSettings

Days = Annotated[int, msgspec.Meta(ge=1, le=400)]
TextBytes = Annotated[int, msgspec.Meta(ge=256, le=4 * 1024 * 1024)]
Mebibytes = Annotated[int, msgspec.Meta(ge=1)]


class ContentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[content]`: whether prompts, answers and what tools were given and gave back are kept.

    Each text is kept for `days` days, up to `max_bytes` bytes of it; while all of them together
    take `max_mib` MiB no more are. `share` shows them also where other machines reach the server.
    """

    keep: bool = False
    days: Days = 30
    max_bytes: TextBytes = 65_536
    max_mib: Mebibytes = 4096
    share: bool = False


class PlaceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[ledger.places.NAME]`: where checkpoints of the ledger are kept.

    `kind` is `file` (with `path`), `git-tag` (with `repository`, and `push` for the remote to push
    each tag to) or `webhook` (with `channel`, the name of one of `[alerts.channels]`).
    """

    kind: str
    path: str | None = None
    repository: str | None = None
    push: str | None = None
    prefix: str = "pawl-ledger"
    """How the names of tags begin."""
    channel: str | None = None


class LedgerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[ledger]`: how often `pawl up` signs a checkpoint, and where they are kept.

    One is signed after `every` if anything is new, and as soon as `every_entries` are.
    """

    every: str = "10m"
    every_entries: Annotated[int, msgspec.Meta(ge=1)] = 1000
    places: dict[str, PlaceSettings] = {}


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[server]`: where `pawl up` is reached by people who are not at this machine.

    `public_url` is such as `https://pawl.example.org`, a proxy with TLS in front. Links in messages
    lead there, and only where it is said do pages have a link to take command with.
    """

    public_url: str = ""


class MachineSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of the data folder's `pawl.toml`."""

    content: ContentSettings = ContentSettings()
    ledger: LedgerSettings = LedgerSettings()
    changes: MachineChangeSettings = MachineChangeSettings()
    investigation: MachineInvestigationSettings = MachineInvestigationSettings()
    server: ServerSettings = ServerSettings()
