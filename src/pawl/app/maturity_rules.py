"""Wiring for the maturity pages: the definitions they read, each when it is first needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pawl.maturity.probe import Remedy
    from pawl.services.maturity_rules import Rules, RuleTexts

_MATURITY = Path(__file__).parents[1] / "maturity"


def rules() -> Rules:
    """Return the models, numbers and remedies that come with Pawl."""
    from pawl.services.maturity_rules import Rules

    return Rules(_texts, _remedies)


def _texts() -> RuleTexts:
    from pawl.maturity.loading import MODELS
    from pawl.services.maturity_rules import RuleTexts

    return RuleTexts(
        models={name: (_MATURITY / "models" / f"{name}.yaml").read_text() for name in MODELS},
        numbers=(_MATURITY / "engine.yaml").read_text(),
    )


def _remedies() -> Mapping[str, Remedy]:
    from pawl.base.catalogue import discover
    from pawl.maturity import probes
    from pawl.maturity.probe import Probe

    found = discover(probes, "PROBE", Probe)
    return {name: probe.remedy for name, probe in found.items()}
