"""Tokens in five disjoint buckets.

Senders disagree on whether cached tokens are inside the input count and whether reasoning is
inside the output count; each format subtracts on entry, and from then on the buckets only add.
"""

import msgspec


class Usage(msgspec.Struct, frozen=True, omit_defaults=False, forbid_unknown_fields=True):
    """Tokens of one or more model requests. All counts are tokens, except `web_searches`.

    `input` is uncached input. `reasoning` is noted inside `output`, never added to it.
    `web_searches` counts server-side searches that are billed by the request.
    """

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    web_searches: int = 0

    @property
    def prompt(self) -> int:
        """Tokens the model read: the size that context tiers are priced by."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        """All tokens, read and written."""
        return self.prompt + self.output

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.output + other.output,
            self.reasoning + other.reasoning,
            self.web_searches + other.web_searches,
        )

    def __sub__(self, other: "Usage") -> "Usage":
        """Return the difference of two running totals; raises ValueError below zero.

        A negative difference means the totals are not of the same session: an error to report,
        never a number to bill.
        """
        difference = Usage(
            self.input - other.input,
            self.cache_read - other.cache_read,
            self.cache_write_5m - other.cache_write_5m,
            self.cache_write_1h - other.cache_write_1h,
            self.output - other.output,
            self.reasoning - other.reasoning,
            self.web_searches - other.web_searches,
        )
        if min(msgspec.structs.astuple(difference)) < 0:
            raise ValueError(f"a running total fell: {self} after {other}")
        return difference


ZERO = Usage()
