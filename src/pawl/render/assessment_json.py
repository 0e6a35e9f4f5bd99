"""An assessment as JSON: `pawl.assess/1`, the contract that other programs read.

One object with the fields of `pawl.maturity.verdict.Assessment`, in their order. `models` holds
one entry a model, each with its `dimensions`, their `criteria` and the `needs` of each, down to
the record id (`evidence`) and the places. Times are canonical (UTC, six digits), ages are in days,
shares are `{"hits", "of", "census"}`, verdicts and outcomes are their plain words. A value that is
not known is null, never zero. With `complete` false a model publishes no level, and its
`measured` only tells how far it got. Readers ignore fields that they do not know; a field that
changes its meaning changes the number in `schema`.
"""

import msgspec

from pawl.maturity.verdict import Assessment


def assessment_json(assessment: Assessment) -> bytes:
    """Return the assessment as one line of JSON, the same bytes for the same assessment."""
    return msgspec.json.encode(assessment) + b"\n"
