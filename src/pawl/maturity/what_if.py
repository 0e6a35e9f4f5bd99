"""What if: assess again with evidence, an exemption or a time that are not (yet) real.

The answer is hypothetical and says so in its type and in its schema: it is no assessment, it is
never recorded, and it confirms nothing. An imagined answer is sealed by a collector of its own
name, so that it can never be mistaken for evidence.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from pawl.base.errors import BadValue
from pawl.base.finding import Outcome
from pawl.base.times import canonical_time
from pawl.maturity.difference import Change, difference
from pawl.maturity.evidence import Assurance, Record, Value, sealed
from pawl.maturity.exemption import Exemption, Register
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.probe import Probe
from pawl.maturity.verdict import ModelResult

IMAGINED = "hypothetical"
"""The collector that every imagined record names."""


class Suppose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is supposed: `records` on top, `exemptions` in force, `at` another time."""

    records: tuple[Record, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    at: str | None = None


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """Where the subject would stand, and what would change. Never a record of anything."""

    schema: Literal["pawl.what-if/1"] = "pawl.what-if/1"
    hypothetical: Literal[True] = True
    subject: str
    as_of: str
    supposed: tuple[str, ...]
    models: tuple[ModelResult, ...]
    changes: tuple[Change, ...]
    exemptions_refused: tuple[str, ...] = ()


def what_if(inputs: Inputs, suppose: Suppose) -> WhatIf:
    """Return where a subject would stand if this were so.

    Exemptions are judged by the rules as they are: one that would not count is refused here too.
    Integrity hits stay as they were found. Raises BadValue for a record that claims to be real, a
    time that is none, or nothing supposed.
    """
    if not (suppose.records or suppose.exemptions or suppose.at):
        raise BadValue(
            "nothing is supposed.", place="what-if", hint="Suppose evidence, an exemption or a day."
        )
    for record in suppose.records:
        if record.collector != IMAGINED:
            raise BadValue(
                f"the supposed record of {record.probe} names the collector {record.collector!r}.",
                place="what-if",
                hint="Make it with `imagined`: real evidence comes from probes.",
            )
    changed = _with(inputs, suppose)
    after = made_again(changed)
    return WhatIf(
        subject=after.subject,
        as_of=after.as_of,
        supposed=tuple(_told(suppose)),
        models=after.models,
        changes=difference(inputs, changed).changes,
        exemptions_refused=after.exemptions_refused,
    )


def imagined(
    inputs: Inputs, probe_id: str, probe: Probe, outcome: Outcome, values: dict[str, Value]
) -> Record:
    """Return an answer that a probe might give one day, as deep as it can prove.

    Raises BadValue for values that the probe does not have.
    """
    unknown = sorted(values.keys() - probe.values.keys())
    if unknown:
        raise BadValue(
            f"{probe_id} has no value {unknown[0]!r}.",
            place="what-if",
            hint=f"It has: {', '.join(probe.values) or 'none'}.",
        )
    return sealed(
        Record(
            probe=probe_id,
            probe_version=probe.version,
            subject=inputs.about.subject,
            outcome=outcome,
            depth=probe.depth,
            kinds=tuple(sorted(set(probe.kinds))),
            assurance=Assurance.PROVIDER,
            values=values,
            reason="Supposed, not seen.",
            observed_at=inputs.about.as_of,
            collector=IMAGINED,
        )
    )


def _with(inputs: Inputs, suppose: Suppose) -> Inputs:
    changed = msgspec.structs.replace
    at = inputs.about.as_of if suppose.at is None else _time(suppose.at)
    register = inputs.register
    if suppose.exemptions:
        held = Register() if register is None else register
        register = changed(held, exemptions=(*held.exemptions, *suppose.exemptions))
    moved = tuple(_moved(record, at, inputs) for record in suppose.records)
    answered = {record.probe for record in moved}
    # A supposed answer stands for what the probe would say then, instead of what it says now.
    kept = tuple(
        each
        for each in inputs.records
        if each.probe not in answered or each.observed_at != inputs.about.as_of
    )
    return changed(
        inputs,
        about=changed(inputs.about, as_of=at),
        records=(*kept, *moved),
        register=register,
    )


def _moved(record: Record, at: str, inputs: Inputs) -> Record:
    """Return a supposed record as first seen at the supposed time, in the probe's own stream.

    It stands for the probe's next answer: as another collector's it would contest the last one.
    """
    own = [each for each in inputs.records if each.probe == record.probe]
    newest = max(own, key=lambda each: (each.observed_at, each.id), default=record)
    return sealed(
        msgspec.structs.replace(record, observed_at=at, collector=newest.collector, id="")
    )


def _time(text: str) -> str:
    try:
        return canonical_time(text)
    except ValueError as error:
        raise BadValue(
            f"{text!r} is not a time.", place="what-if", hint="Write a day such as 2027-01-31."
        ) from error


def _told(suppose: Suppose) -> Iterable[str]:
    for record in suppose.records:
        yield f"{record.probe} answers {record.outcome.value}"
    for exemption in suppose.exemptions:
        yield f"{exemption.criterion} is exempt until {exemption.expires or 'the default'}"
    if suppose.at is not None:
        yield f"it is {_time(suppose.at)[:10]}"
