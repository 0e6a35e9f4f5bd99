"""What only the machine's own `pawl.toml` may say: the one in the data folder.

A repository's file of that name is whoever's who wrote the last change, so a section of these
there is refused like any that is not known.
"""

from typing import Annotated

import msgspec

from pawl.runs.config import Settings

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


class MachineSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of the data folder's `pawl.toml`."""

    content: ContentSettings = ContentSettings()
