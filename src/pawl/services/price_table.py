"""The price table in force: ours, and above it the user's own."""

from collections.abc import Sequence

from pawl.telemetry.pricing import PriceFile, PriceTable, compile_prices, price_digest

OWN = "prices.yaml"
"""The user's price file in the data folder; its models replace ours."""


class PriceTexts:
    """Price files as texts, parsed when a price is first asked for.

    `shipped` and `own` are pairs of a place for error messages and the bytes of a file.
    """

    def __init__(
        self, shipped: Sequence[tuple[str, bytes]], own: tuple[str, bytes] | None = None
    ) -> None:
        self._shipped = tuple(shipped)
        self._own = own
        self._table: PriceTable | None = None

    def digest(self) -> str:
        """Return what identifies the table, without parsing it."""
        own = [] if self._own is None else [self._own]
        return price_digest(text for _, text in [*self._shipped, *own])

    def table(self) -> PriceTable:
        """Return the table; raises BadFile for a file that does not load."""
        if self._table is None:
            own = None if self._own is None else _load(*self._own)
            self._table = compile_prices([_load(*part) for part in self._shipped], extra=own)
        return self._table


def _load(place: str, text: bytes) -> PriceFile:
    # PyYAML is imported only when prices are needed: a repeated question does not need them.
    from pawl.base.loading import load_yaml

    return load_yaml(text.decode("utf-8", "replace"), PriceFile, place=place)
