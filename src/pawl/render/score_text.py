"""The score of operational maturity for a terminal: the total, and where its points come from."""

from pawl.maturity.score import Part, Score
from pawl.render.table import aligned


def score_text(score: Score) -> str:
    """Return the score with its breakdown as plain text."""
    total = f"{score.low:g} to {score.high:g}" if score.total is None else f"{score.total:g}"
    body = [_row(part) for part in score.parts]
    foot = ("total", "", "", f"{total} of 100")
    table = aligned(("input", "value", "basis", "points"), body, foot, left=3)
    lines = [f"Operational maturity score, formula {score.formula}", "", table.rstrip("\n")]
    if score.missing:
        lines += ["", "Not known:", *(f"  {p.name}: {p.reason}" for p in score.parts if _open(p))]
    lines += ["", score.use]
    if score.declared:
        lines.append("Figures typed by hand are declared: they prove nothing and reach no gate.")
    return "\n".join(lines) + "\n"


def _open(part: Part) -> bool:
    return part.tenths is None


def _row(part: Part) -> tuple[str, str, str, str]:
    unit = "" if part.unit.startswith("share") else f" {part.unit}"
    value = "-" if part.value is None else f"{part.value:g}{unit}"
    most = f"{part.tenths_max / 10:g}"
    points = f"? of {most}" if part.tenths is None else f"{part.tenths / 10:g} of {most}"
    return part.name, value, part.standing, points
