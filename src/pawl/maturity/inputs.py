"""Everything that an assessment is made of, as one value, so that it can be made again.

Nothing else goes in: the same inputs give the same bytes on any machine. Whoever changes one part
and makes it again learns what that part was worth.
"""

import msgspec

from pawl.maturity.assess import About, assess
from pawl.maturity.compiled import compile_model
from pawl.maturity.confirm import Confirmed
from pawl.maturity.dossier import FreshnessEvent
from pawl.maturity.engine_numbers import EngineNumbers
from pawl.maturity.evidence import Record
from pawl.maturity.exemption import Register
from pawl.maturity.model import Model
from pawl.maturity.verdict import Assessment, Hit


class Inputs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one assessment of one subject rests on.

    `records` are today's and all earlier ones, `models` the definitions that judged (overlays
    applied), `register` the base version's.
    """

    about: About
    models: tuple[Model, ...]
    records: tuple[Record, ...]
    numbers: EngineNumbers
    hits: tuple[Hit, ...] = ()
    events: tuple[FreshnessEvent, ...] = ()
    register: Register | None = None
    confirmed: tuple[Confirmed, ...] = ()


def made_again(inputs: Inputs) -> Assessment:
    """Return the assessment that these inputs make.

    Raises BadValue for a model whose durations are none, and ValueError for a record that was
    never sealed.
    """
    return assess(
        inputs.about,
        [compile_model(model) for model in inputs.models],
        inputs.records,
        inputs.numbers,
        hits=inputs.hits,
        events=inputs.events,
        register=inputs.register,
        confirmed=inputs.confirmed,
    )
