"""The surveys that come with Pawl, over the rules of the lint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pawl.base.errors import PawlError
from pawl.maturity.facts.eval_cases import EvalCases
from pawl.maturity.facts.steering import Steering
from pawl.maturity.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pawl.assets.asset import Entry, Files
    from pawl.assets.rule import Rule
    from pawl.assets.waivers import Waiver
    from pawl.maturity.survey import Whole

EVALS = ".pawl/evals/"


def shipped_surveys(rules: Callable[[], Mapping[str, Rule]], identity: str) -> dict[str, Survey]:
    """Return the surveys by id; `identity` changes when rules, graders or readers do.

    What looks is imported when it is to look: mostly the kept answer is still true.
    """

    def steer(whole: Whole, day: str) -> Steering:
        from pawl.maturity.surveys.steering import look

        return look(whole, rules, day, allowed)

    def steering_files(entries: Mapping[str, Entry]) -> Iterable[str]:
        from pawl.maturity.surveys.steering import files

        return files(entries)

    def evaluate(whole: Whole, day: str) -> EvalCases:
        from pawl.maturity.surveys.evals import look

        return look(whole)

    return {
        "evals": Survey(
            identity=identity,
            kind=EvalCases,
            look=evaluate,
            first=lambda entries: (path for path in entries if path.startswith(EVALS)),
        ),
        "steering": Survey(identity=identity, kind=Steering, look=steer, first=steering_files),
    }


def allowed(files: Files) -> tuple[tuple[Waiver, ...], tuple[str, ...]]:
    """Return what a tree's own settings allow, and the fingerprints that its baseline knows.

    Settings or a baseline that do not read allow nothing.
    """
    from pawl.services.linting import baseline_of, settings_of

    try:
        waivers = settings_of(files).allow
    except PawlError:
        waivers = ()
    try:
        known = baseline_of(files)
    except PawlError:
        known = ()
    return waivers, known
