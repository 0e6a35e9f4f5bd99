"""A step of applying what an incident teaches, once it was done."""

import msgspec


class StepDone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of applying a learning that was done. `result` says what it made, such as an id."""

    key: str
    incident: str
    kind: str
    done_at: str
    result: str
