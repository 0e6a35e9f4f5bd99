"""Wiring for the maturity pages: the definitions they read, each when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.services.maturity_rules import Rules, RuleTexts


def rules() -> Rules:
    """Return the models, numbers and remedies that come with Pawl."""
    from pawl.app.answers import remedies
    from pawl.services.maturity_rules import Rules

    return Rules(_texts, remedies)


def _texts() -> RuleTexts:
    from pawl.app.maturity import model_texts, own_text
    from pawl.services.maturity_rules import RuleTexts

    return RuleTexts(models=model_texts(), numbers=own_text("engine.yaml"))
