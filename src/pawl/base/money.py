"""Money as integer micro-USD.

One micro-USD is 1e-6 USD. Integers add without drift, and one token at one dollar per million
costs exactly one micro-USD, so list prices become whole numbers.
"""

from decimal import Decimal, InvalidOperation

from pawl.base.errors import BadValue

MICROS_PER_USD = 1_000_000
MICROS_MAX = 10**15
"""A billion dollars: above it, floats of dollars stop being exact and typing errors begin."""


def parse_usd(text: str, *, place: str = "") -> int:
    """Return the micro-USD that `text` means, such as "2", "0.50" or "$1.25".

    Raises BadValue for anything that is not an amount from zero to a billion dollars, or that is
    finer than one micro-USD.
    """
    try:
        amount = Decimal(text.strip().removeprefix("$").replace(",", "")) * MICROS_PER_USD
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 <= amount <= MICROS_MAX and amount == int(amount)):
        raise BadValue(
            f"{text!r} is not an amount in US dollars.",
            place=place,
            hint="Write a number such as 2 or 0.50, no finer than 0.000001.",
        )
    return int(amount)


def format_usd(micros: int) -> str:
    """Return micro-USD as dollars for people: cents from one dollar up, four digits below."""
    sign = "-" if micros < 0 else ""
    size = abs(micros)
    digits = 2 if size >= MICROS_PER_USD or size == 0 else 4
    return f"{sign}${Decimal(size) / MICROS_PER_USD:,.{digits}f}"


def usd(micros: int) -> float:
    """Return micro-USD as a JSON number of dollars; exact up to nine billion dollars."""
    return micros / MICROS_PER_USD


def micros_from_reported(dollars: float) -> int:
    """Return an agent's own float dollars as micro-USD, rounded half to even."""
    return round(dollars * MICROS_PER_USD)
