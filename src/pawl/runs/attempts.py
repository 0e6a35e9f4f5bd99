"""Several attempts at one run: what is left of its limits, and one record of them all."""

from typing import TypeVar

import msgspec

from pawl.base import typed
from pawl.base.money import usd
from pawl.runs.limits import COUNTED, Used
from pawl.runs.record import ProcessesLeft, RunCost, RunRecord, Stop
from pawl.runs.spec import Limits

Number = TypeVar("Number", int, float)
_LEFT_OUT = ("idle_s",)
_FIELD_OF = {"usd": "usd_micros", "wall": "wall_s"}


def total(one: Used, other: Used) -> Used:
    """Return what two attempts used together."""
    sums = {
        name: getattr(one, name) + getattr(other, name)
        for name in Used.__struct_fields__
        if name not in _LEFT_OUT
    }
    return Used(**sums)


def remaining(limits: Limits, used: Used) -> Limits | None:
    """Return the ceilings of the next attempt, or None when one of them is used up.

    Idle time is each attempt's own.
    """
    left: dict[str, float] = {}
    for name in Used.__struct_fields__:
        ceiling = getattr(limits, name)
        if ceiling is None or name in _LEFT_OUT:
            continue
        left[name] = ceiling - getattr(used, name)
        if left[name] < 0 or (left[name] == 0 and name not in COUNTED):
            return None
    return msgspec.structs.replace(limits, **left)


def joined(before: RunRecord | None, used: Used, last: RunRecord, *, attempts: int) -> RunRecord:
    """Return one record of all attempts: the last one's ending, everybody's use.

    `before` is the record of the attempts so far and `used` what they used. A number that one of
    them does not know is unknown for all.
    """
    if before is None:
        return msgspec.structs.replace(last, attempts=attempts)
    tools = dict(before.tool_calls)
    for name, count in last.tool_calls.items():
        tools[name] = tools.get(name, 0) + count
    known = before.usage is not None and last.usage is not None
    return msgspec.structs.replace(
        last,
        attempts=attempts,
        stop=_restated(last, used),
        started_at=before.started_at,
        models=tuple(dict.fromkeys((*before.models, *last.models))),
        turns=_sum(before.turns, last.turns),
        duration_ms=_sum(before.duration_ms, last.duration_ms),
        usage=before.usage + last.usage if known and before.usage and last.usage else None,
        cost=_cost(before.cost, last.cost),
        reported_cost_usd=_sum(before.reported_cost_usd, last.reported_cost_usd),
        tool_calls=tools,
        processes=_processes(before.processes, last.processes),
        permission_denials=(*before.permission_denials, *last.permission_denials),
        warnings=tuple(dict.fromkeys((*before.warnings, *last.warnings))),
    )


def without_contents(record: RunRecord) -> RunRecord:
    """Return the record as it is stored: without what the agent said or was about to do."""
    return msgspec.structs.replace(
        record,
        result=None,
        structured_output=None,
        permission_denials=tuple(_names_only(each) for each in record.permission_denials),
    )


def _restated(last: RunRecord, used: Used) -> Stop | None:
    """Return the stop in terms of the whole run: the last attempt had only what was left."""
    if last.stop is None:
        return None
    field = _FIELD_OF.get(last.stop.limit, last.stop.limit)
    spent = getattr(used, field, 0) if field not in _LEFT_OUT else 0
    if field == "usd_micros":
        spent = usd(int(spent))
    return msgspec.structs.replace(
        last.stop, value=last.stop.value + spent, threshold=last.stop.threshold + spent
    )


def _sum(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else one + other


def _cost(one: RunCost, other: RunCost) -> RunCost:
    if one.usd is None or other.usd is None:
        return RunCost(usd=None, basis="unpriced")
    same = one.basis == other.basis
    return RunCost(usd=one.usd + other.usd, basis=one.basis if same else "reported")


def _processes(one: ProcessesLeft | None, other: ProcessesLeft | None) -> ProcessesLeft | None:
    if one is None or other is None:
        return one or other
    return ProcessesLeft(
        terminated=one.terminated + other.terminated, killed=one.killed + other.killed
    )


class _Denial(msgspec.Struct, omit_defaults=True):
    tool_name: str | None = None
    tool_use_id: str | None = None


def _names_only(denial: msgspec.Raw) -> msgspec.Raw:
    try:
        return msgspec.Raw(msgspec.json.encode(typed.decode(denial, type=_Denial)))
    except (msgspec.DecodeError, RecursionError):
        return msgspec.Raw(b"{}")
