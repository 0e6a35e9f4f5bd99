"""Wiring for questions about recorded assessments: explain, why not, what if, what next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pawl.base.errors import BadValue, CannotTell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pawl.maturity.bundle import Verified
    from pawl.maturity.explain import Explanation
    from pawl.maturity.inputs import Inputs
    from pawl.maturity.model import Model
    from pawl.maturity.probe import Probe, Remedy
    from pawl.maturity.verdict import Assessment, DimensionResult
    from pawl.services.signing import Signed
    from pawl.store.records.evidence import Point

_BUNDLE_ENDS = ".json"


def recorded(folder: Path, place: Path, name: str | None = None) -> Inputs:
    """Return what an assessment of a repository was made of: the newest, or one by its name.

    A name is a bundle's file, the beginning of a digest, or a day or time: then it is the last
    assessment up to it. Raises CannotTell where there is none.
    """
    if name is not None and name.endswith(_BUNDLE_ENDS):
        from pawl.maturity.bundle import read_bundle, verify

        bundle = read_bundle(_bytes(Path(name)), place=name)
        found_out = verify(bundle)
        if not found_out.same:
            raise CannotTell(
                f"the assessment cannot be made again by this engine: {found_out.difference}.",
                place=name,
                hint="Use the version of Pawl that made it, or assess anew.",
            )
        return bundle.inputs
    from pawl.app.maturity import evidence_records, has_records, subject_of

    subject = subject_of(place)
    found = None
    if has_records(folder):
        with evidence_records(folder) as kept:
            digest = name
            if name is not None and not _is_digest(name):
                digest = _until(kept.trend(subject), name)
            found = kept.inputs(subject, digest)
    if found is None:
        raise CannotTell(
            f"there is no assessment of {subject}{f' named {name}' if name else ''}.",
            place=str(place),
            hint="Make one with `pawl assess`.",
        )
    return found


def _is_digest(name: str) -> bool:
    return len(name) >= 6 and not set(name) - set("0123456789abcdef")


def _until(points: Sequence[Point], when: str) -> str:
    from datetime import timedelta

    from pawl.base.times import format_time, parse_time

    moment = parse_time(when)
    if len(when) == 10:  # A day means all of it.
        moment += timedelta(days=1)
    last = format_time(moment)
    found = [point for point in points if point.as_of <= last]
    return found[-1].digest if found else "none"


def assessment_of(inputs: Inputs) -> Assessment:
    """Return the assessment that inputs make."""
    from pawl.maturity.inputs import made_again

    return made_again(inputs)


def only(assessment: Assessment, models: Sequence[str]) -> Assessment:
    """Return the assessment with these models alone, or as it is without any; raises BadValue."""
    import msgspec

    known = [result.model for result in assessment.models]
    for name in models:
        if name not in known:
            raise BadValue(
                f"{name!r} was not assessed.", place="--model", hint=f"Take one of: {known}."
            )
    kept = tuple(each for each in assessment.models if not models or each.model in models)
    return msgspec.structs.replace(assessment, models=kept)


def probes() -> Mapping[str, Probe]:
    """Return every probe by id."""
    from pawl.app import all_plugins
    from pawl.maturity import probes as package
    from pawl.maturity.probe import Probe

    return all_plugins(package, "PROBE", Probe)


def remedies() -> dict[str, Remedy]:
    """Return what to do about each probe's no, by probe id."""
    return {name: probe.remedy for name, probe in probes().items()}


def explained(folder: Path, inputs: Inputs, address: str) -> Explanation:
    """Return the tree behind a dimension, a level or a criterion, down to ledger entries."""
    from pawl.app.maturity import evidence_records, has_records
    from pawl.maturity.explain import explain
    from pawl.maturity.ledgered import with_entries

    explanation = explain(assessment_of(inputs), inputs.models, inputs.records, address)
    if not has_records(folder):
        return explanation
    with evidence_records(folder) as kept:
        return with_entries(explanation, kept.ledger_entries(inputs.about.subject))


def trend(folder: Path, place: Path) -> tuple[Point, ...]:
    """Return what every recorded assessment of a repository measured, oldest first."""
    from pawl.app.maturity import evidence_records, has_records, subject_of

    if not has_records(folder):
        return ()
    with evidence_records(folder) as kept:
        return kept.trend(subject_of(place))


def dimension_at(
    assessment: Assessment, models: Sequence[Model], address: str
) -> tuple[DimensionResult, Model, int | None]:
    """Return what `code`, `eng.code` or `eng.code.L3` names; raises BadValue listing them."""
    name, level = address, None
    head, _, tail = address.rpartition(".")
    if head and tail[:1] == "L" and tail[1:].isdigit():
        name, level = head, int(tail[1:])
    known = {}
    by_id = {model.id: model for model in models}
    for result in assessment.models:
        for dimension in result.dimensions:
            known[f"{result.model}.{dimension.id}"] = (dimension, by_id[result.model])
    found = [key for key in known if name in (key, key.partition(".")[2])]
    if len(found) != 1:
        raise BadValue(
            f"{address!r} names no dimension, or several.",
            hint=f"Take one of: {', '.join(sorted(found or known))}.",
        )
    dimension, model = known[found[0]]
    return dimension, model, level


def verified(file: Path, keys: Sequence[Path]) -> tuple[Verified, Signed]:
    """Make a bundle's assessment again, and say which of these public keys signed it."""
    from pawl.maturity.bundle import read_bundle, verify
    from pawl.services.signing import check_signatures, read_public_key

    bundle = read_bundle(_bytes(file), place=str(file))
    trusted = {str(key): read_public_key(_bytes(key), place=str(key)) for key in keys}
    return verify(bundle), check_signatures(bundle, trusted, place=str(file))


def bundled(inputs: Inputs, key: Path | None) -> bytes:
    """Return an assessment with all it was made of, signed where a private key is given."""
    from pawl.maturity.bundle import bundle_bytes, bundle_of
    from pawl.services.signing import read_private_key, sign

    bundle = bundle_of(inputs)
    if key is not None:
        bundle = sign(bundle, read_private_key(_bytes(key), place=str(key)))
    return bundle_bytes(bundle)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadValue(
            f"cannot be read: {error.strerror}.", place=str(path), hint="Name a readable file."
        ) from error
