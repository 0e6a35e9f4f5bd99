"""What `pawl.toml` says about investigations: `[investigation]`, where to look and how far back.

A repository's file names files of the repository and nothing else: whoever wrote the last change
must not say which address is asked with which token. That the machine's own file says.
"""

from typing import Annotated

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile

MAX_MIB = 256
MAX_SECONDS = 120.0
"""What a repository may have each source read and take; its own machine may allow more."""
Count = Annotated[int, msgspec.Meta(ge=1)]
Names = Annotated[tuple[str, ...], msgspec.Meta(max_length=100)]


class InvestigationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[investigation]`: files below the top folder; durations such as "2h".

    `logs` and `metrics` are globs: of logs by line, and of answers of Prometheus to `query_range`.
    `flags` is the file of feature flags and `deploys` the one of deployments, a JSON object a line.
    `timeout` and `max_mib` bound each source.
    """

    logs: Names = ()
    metrics: Names = ()
    flags: str | None = None
    deploys: str | None = None
    lookback: str | None = None
    after: str | None = None
    timeout: str = "20s"
    max_mib: Count = 64


class MachineInvestigationSettings(
    InvestigationSettings, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """`[investigation]` of a machine: its paths may be anywhere, and it names what is asked.

    `journal` are units of systemd's journal. `prometheus` is the address of its API and `queries`
    what it is asked; `log_url` answers lines, with `{since}` and `{until}` in it replaced.
    `prometheus_token` and `log_token` name environment variables.
    """

    journal: Names = ()
    prometheus: str | None = None
    prometheus_token: str | None = None
    queries: Names = ()
    log_url: str | None = None
    log_token: str | None = None


def merged(
    own: InvestigationSettings, machine: MachineInvestigationSettings
) -> MachineInvestigationSettings:
    """Return a machine's settings with what only the repository says.

    Raises BadFile for a path of the repository's file that leads out of it, and for more memory or
    time than whoever wrote the last change may take of this machine.
    """
    for path in (*own.logs, *own.metrics, own.flags or "", own.deploys or ""):
        if path.startswith(("/", "~")) or ".." in path.split("/"):
            raise BadFile(
                f"{path[:200]!r} leads out of the repository.",
                place="pawl.toml: investigation",
                hint="Name a path below its top folder; this machine's own file may name others.",
            )
    if own.max_mib > MAX_MIB or _seconds(own.timeout) > MAX_SECONDS:
        raise BadFile(
            f"a source would take more than {MAX_MIB} MiB or {MAX_SECONDS:g} s.",
            place="pawl.toml: investigation",
            hint="Take less; this machine's own file may allow more.",
        )
    nothing = MachineInvestigationSettings()
    taken = {
        name: getattr(own, name)
        for name in InvestigationSettings.__struct_fields__
        if getattr(machine, name) == getattr(nothing, name)
    }
    return msgspec.structs.replace(machine, **taken)


def _seconds(text: str) -> float:
    return parse_duration(text, place="pawl.toml: investigation.timeout")
