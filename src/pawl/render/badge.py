"""A badge as SVG: the weakest dimension of one model, such as `eng L2`.

Never a mean: the badge can only rise when the weakest does. Where no level is published it says
so.
"""

from pawl.maturity.verdict import ModelResult
from pawl.render.escaping import cut, html_text, plain

_PER_CHARACTER = 7
"""Pixels of one character of 11 px Verdana, the widest of the fonts asked for, rounded up."""
_PADDING = 10
_MAX_NAME = 24
_UNKNOWN = "#6e7781"
_COLOURS = ("#b3261e", "#a04a00", "#7a6200", "#2f6f2f", "#0b6b50")
"""From the lowest level to the highest; each has a contrast above 4.5 to 1 with white."""


def badge(model: ModelResult, as_of: str, *, levels: int = 5) -> str:
    """Return the badge of one model; `levels` is how many it has, for the colour."""
    label = cut(plain(model.model), _MAX_NAME)
    lowest = [each for each in model.dimensions if each.id in model.weakest]
    if not model.complete or not lowest:
        return _svg(label, "not known", _UNKNOWN, f"{model.name}: no level is published")
    weakest = lowest[0]
    exempt = sum(each.exempt for each in lowest)
    value = f"L{weakest.measured}" + (f" ({exempt} exempt)" if exempt else "")
    names = ", ".join(each.name for each in lowest)
    told = (
        f"{model.name}: weakest is {names} at level {weakest.measured} of {levels}, "
        f"{weakest.level_name}, on {as_of[:10]}"
    )
    rank = round((weakest.measured - 1) / max(1, levels - 1) * (len(_COLOURS) - 1))
    return _svg(label, value, _COLOURS[max(0, min(rank, len(_COLOURS) - 1))], told)


def _svg(label: str, value: str, colour: str, told: str) -> str:
    left = len(label) * _PER_CHARACTER + _PADDING
    right = len(value) * _PER_CHARACTER + _PADDING
    width = left + right
    said = html_text(told)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="{said}"><title>{said}</title>'
        f'<rect width="{left}" height="20" fill="#3d444d"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{html_text(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{html_text(value)}</text></g></svg>\n'
    )
