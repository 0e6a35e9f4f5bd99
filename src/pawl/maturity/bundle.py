"""An assessment with everything needed to make it again, offline, on another machine.

Records and integrity hits are taken as they were found: what is proved is that these make this
assessment, not that the tree still looks that way.

A bundle is one JSON document in RFC 8785 form. To verify it, the assessment is made again from
its inputs and must come out in the same bytes; the first difference is named. The digest of the
canonical bytes is its root, and the root is what gets signed, not each record.
"""

from typing import Any, Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json, sha256_hex
from pawl.base.errors import BadFile, CannotTell, PawlError
from pawl.maturity.difference import Difference, difference
from pawl.maturity.envelope import Envelope, Root
from pawl.maturity.evidence import is_whole
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.loading import with_digest
from pawl.maturity.verdict import Assessment

MAX_BYTES = 512 * 1024 * 1024
"""Bytes of a bundle that is read; a million records stay below."""
_SHOWN = 80


class AssessmentBundle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`pawl.assessment/1`: the inputs, what they made, and who signed it.

    `signatures` are outside of what the root covers.
    """

    schema: Literal["pawl.assessment/1"] = "pawl.assessment/1"
    inputs: Inputs
    assessment: Assessment
    signatures: tuple[Envelope, ...] = ()


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying found. `difference` is empty when the bundle is what it says.

    `root` is the digest of what the file holds, whether or not it verifies.
    """

    same: bool
    root: str
    subject: str
    as_of: str
    difference: str = ""


def bundle_of(inputs: Inputs) -> AssessmentBundle:
    """Return the bundle of an assessment, unsigned.

    Inputs go in as they will be read again, so that both sides judge the same values.
    """
    written = canonical_json(msgspec.to_builtins(inputs))
    read = typed.decode(written, type=Inputs)
    return AssessmentBundle(inputs=read, assessment=made_again(read))


def bundle_bytes(bundle: AssessmentBundle) -> bytes:
    """Return the canonical bytes of a bundle, signatures included."""
    return canonical_json(msgspec.to_builtins(bundle))


def root_of(bundle: AssessmentBundle) -> Root:
    """Return what a signature vouches for: the digest of everything but the signatures."""
    bare = msgspec.structs.replace(bundle, signatures=())
    return Root(
        root=sha256_hex(bundle_bytes(bare)),
        subject=bundle.inputs.about.subject,
        as_of=bundle.inputs.about.as_of,
    )


def read_bundle(content: bytes, *, place: str) -> AssessmentBundle:
    """Return the bundle in a file; raises BadFile naming where it does not read."""
    if len(content) > MAX_BYTES:
        raise BadFile(f"larger than {MAX_BYTES:,} bytes.", place=place)
    try:
        bundle = typed.decode(content, type=AssessmentBundle)
        # What has no canonical form cannot be compared, such as an integer beyond a double.
        bundle_bytes(bundle)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise BadFile(
            f"no assessment bundle: {error}.",
            place=place,
            hint="Take a file that `pawl assess --bundle` wrote.",
        ) from error
    return bundle


def verify(bundle: AssessmentBundle) -> Verified:
    """Make a bundle's assessment again and compare the bytes; signatures are checked apart."""
    found = root_of(bundle)
    first = _broken(bundle.inputs) or _remade(bundle)
    return Verified(
        same=not first,
        root=found.root,
        subject=found.subject,
        as_of=found.as_of,
        difference=first,
    )


def compared(before: AssessmentBundle, after: AssessmentBundle) -> Difference:
    """Return what changed between two bundles, each change with its cause.

    Raises CannotTell for one that does not verify: changed by hand, or made by another engine,
    whose verdicts this one cannot take apart.
    """
    for side, bundle in (("before", before), ("after", after)):
        verified = verify(bundle)
        if not verified.same:
            raise CannotTell(
                f"the assessment {side} cannot be made again by this engine: "
                f"{verified.difference}.",
                place=side,
                hint="Compare with the version of Pawl that made it, or assess anew.",
            )
    return difference(before.inputs, after.inputs)


def _remade(bundle: AssessmentBundle) -> str:
    try:
        made = msgspec.to_builtins(made_again(bundle.inputs))
    except (PawlError, ValueError, LookupError, ArithmeticError, TypeError) as error:
        # A file from anywhere: whatever the inputs lack, it is they that are wrong.
        return f"it cannot be made again: {error}"
    told = msgspec.to_builtins(bundle.assessment)
    if canonical_json(told) == canonical_json(made):
        return ""
    return first_difference(told, made, "assessment")


def first_difference(told: Any, made: Any, path: str) -> str:
    """Return where two JSON values first differ, in words, or nothing; keys in sorted order."""
    if isinstance(told, dict) and isinstance(made, dict):
        for key in sorted(told.keys() | made.keys()):
            if key not in told or key not in made:
                side = "is not in the file" if key not in told else "is in the file alone"
                return f"{path}.{key} {side}"
            if found := first_difference(told[key], made[key], f"{path}.{key}"):
                return found
        return ""
    if isinstance(told, list | tuple) and isinstance(made, list | tuple):
        for place, (one, other) in enumerate(zip(told, made, strict=False)):
            if found := first_difference(one, other, f"{path}[{place}]"):
                return found
        if len(told) != len(made):
            return f"{path} has {len(told)} entries in the file, and {len(made)} made again"
        return ""
    if canonical_json(told) == canonical_json(made):
        return ""
    return f"{path} is {_shown(told)} in the file, and {_shown(made)} made again"


def _broken(inputs: Inputs) -> str:
    """Return which part of the inputs is not what its own digest names, or nothing."""
    for record in inputs.records:
        if not is_whole(record):
            return f"record {record.id[:12]} of {record.probe} is not what its id names"
    for model in inputs.models:
        if with_digest(model).digest != model.digest:
            return f"model {model.id} {model.version} is not what its digest names"
    return ""


def _shown(value: Any) -> str:
    text = canonical_json(value).decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
