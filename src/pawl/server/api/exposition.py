"""Metrics as text: the format of Prometheus, version 0.0.4, and OpenMetrics 1.0.0.

Both name a counter's sample `…_total`. OpenMetrics names the family without it, tells the unit,
and ends with a mark, so that a text cut short shows.
"""

from collections.abc import Iterable

from pawl.services.metering import Family, Labels

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def exposition(families: Iterable[Family], *, openmetrics: bool) -> str:
    """Return the families as text in one of the two formats."""
    lines: list[str] = []
    for family in families:
        suffix = "_total" if family.kind == "counter" else ""
        title = family.name if openmetrics else family.name + suffix
        kind = "unknown" if openmetrics and family.kind == "untyped" else family.kind
        lines.append(f"# HELP {title} {_escaped(family.help, quotes=openmetrics)}")
        lines.append(f"# TYPE {title} {kind}")
        if openmetrics and family.unit:
            lines.append(f"# UNIT {title} {family.unit}")
        lines += [
            f"{family.name}{suffix}{_labels(labels)} {_number(value)}"
            for labels, value in family.samples
        ]
    if openmetrics:
        lines.append("# EOF")
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value, quotes=True)}"' for name, value in labels)
    return f"{{{told}}}" if told else ""


def _escaped(text: str, *, quotes: bool) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    """Return a number without the noise of binary fractions below a millionth."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")
