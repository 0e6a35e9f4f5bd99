"""Whether a repository is ready to run agents in production: gather facts, ask, judge."""

from collections.abc import Callable, Sequence

from pawl.maturity.engine_numbers import load_numbers
from pawl.maturity.facts import Absent
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.practice import Practice
from pawl.maturity.readiness import Readiness, load_items, readiness
from pawl.services.assessing import Plugins
from pawl.services.exports import ExportFile
from pawl.services.gathering import gather
from pawl.services.kept_file import Storage
from pawl.services.tree_reading import Progress, Source

PLACE = "readiness.yaml"


def source_readiness(
    source: Source,
    *,
    items: str,
    numbers: str,
    plugins: Plugins,
    now: str,
    exports: Sequence[ExportFile] = (),
    practice: Callable[[], Practice | Absent] | None = None,
    operated: Callable[[], Operations | None] | None = None,
    storage: Storage | None = None,
    progress: Progress | None = None,
) -> Readiness:
    """Return how a repository stands at a canonical time.

    `items` and `numbers` are the texts of the definitions that come with Pawl: nothing in the
    repository says what it must be ready for. Raises BadFile for an export that does not read.
    """
    gathered = gather(
        source,
        now=now,
        extracts=plugins.extracts,
        surveys=plugins.surveys,
        exports=exports,
        practice=practice,
        operated=operated,
        storage=storage,
        progress=progress,
    )
    return readiness(
        load_items(items, plugins.probes, place=PLACE),
        gathered.facts,
        plugins.probes,
        load_numbers(numbers).interval.z,
        commit=source.commit,
        notes=gathered.notes,
    )
