"""What the maturity pages judge and explain by: the models that come with Pawl, read once."""

from collections.abc import Callable, Mapping
from functools import cached_property

import msgspec

from pawl.maturity.compiled import CompiledModel, compile_model
from pawl.maturity.engine_numbers import EngineNumbers, load_numbers
from pawl.maturity.loading import load_model
from pawl.maturity.model import Model
from pawl.maturity.probe import Remedy


class RuleTexts(msgspec.Struct, frozen=True, kw_only=True):
    """The definitions as text: models by id in the order they are shown, and the numbers."""

    models: Mapping[str, str]
    numbers: str


class Rules:
    """Models, numbers and remedies; each is read when it is first asked for, and then kept."""

    def __init__(
        self, texts: Callable[[], RuleTexts], remedies: Callable[[], Mapping[str, Remedy]]
    ) -> None:
        self._texts = texts
        self._remedies = remedies

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """The models by id, in the order they are shown."""
        texts = self._read.models
        return {name: load_model(text, place=f"{name}.yaml") for name, text in texts.items()}

    @cached_property
    def numbers(self) -> EngineNumbers:
        """The engine's numbers of judgement."""
        return load_numbers(self._read.numbers)

    @cached_property
    def remedies(self) -> Mapping[str, Remedy]:
        """What to do about a no, by probe id. Finding it loads every probe."""
        return self._remedies()

    def warm(self) -> None:
        """Read everything now, so that no page waits for it."""
        _ = self.models, self.numbers, self.remedies

    def compiled(self) -> list[CompiledModel]:
        """Return the models made ready for judging."""
        return [compile_model(model) for model in self.models.values()]

    @cached_property
    def _read(self) -> RuleTexts:
        return self._texts()
