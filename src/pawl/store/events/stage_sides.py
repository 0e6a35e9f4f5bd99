"""What telemetry told of a stage of a rollout, and of the base that it is compared with."""

from pawl.changes.stage_metrics import Side
from pawl.store.events.answers import Rows, moment
from pawl.store.events.queries import query


def ask_sides(
    rows: Rows, change: str, digest: str, window: tuple[str, str], base: tuple[str, str]
) -> tuple[Side, Side]:
    """Return what was told of a change's content within a window, and of all else in the base's.

    Windows are canonical times, the first included. Events are of a change whose `change` attribute
    is its id or whose `change_digest` is its digest. The base is of the same projects.
    """
    parameters: dict[str, object] = {
        "change": change,
        "digest": digest,
        "since": moment(window[0]),
        "until": moment(window[1]),
        "base_since": moment(base[0]),
        "base_until": moment(base[1]),
    }
    found = {
        str(row[0]): Side(
            **{
                name: int(value)
                for name, value in zip(Side.__struct_fields__, row[1:], strict=True)
            }
        )
        for row in rows(query("stage_sides"), parameters)
    }
    return found.get("stage", Side()), found.get("base", Side())
