"""A fleet for a terminal: one line a repository, one a team, the weakest named."""

from pawl.maturity.fleet import Fleet, Group, Row
from pawl.render.table import aligned, printable


def fleet_text(found: Fleet) -> str:
    """Return the levels of every repository and team as text; `?` is not known, never zero."""
    models = list(dict.fromkeys(each.model for each in found.organisation.lowest))
    parts = []
    for model in models:
        names = [each.dimension for each in found.organisation.lowest if each.model == model]
        head = ("team", "repository", *names)
        body = [
            (printable(row.team) or "-", printable(row.path), *_levels(row, model, names))
            for row in found.rows
        ]
        groups = (*found.teams, found.organisation)
        body += [(printable(group.name), "lowest", *_lowest(group, model)) for group in groups]
        parts.append(f"{model}\n{aligned(head, body, left=2)}")
    problems = [f"{printable(row.path)}: {row.problem}" for row in found.rows if row.problem]
    if problems:
        parts.append("Not assessed\n" + "".join(f"  {line}\n" for line in problems))
    weakest = [
        f"  {each.model}.{each.dimension}: {', '.join(map(printable, each.members[:5]))}"
        + (f" and {len(each.members) - 5} more" if len(each.members) > 5 else "")
        for each in found.organisation.lowest
        if each.members
    ]
    if weakest:
        parts.append("Held there by\n" + "".join(f"{line}\n" for line in weakest))
    return "\n".join(parts)


def _levels(row: Row, model: str, names: list[str]) -> list[str]:
    levels = row.levels.get(model) or {}
    return [f"L{levels[name]}" if name in levels else "?" for name in names]


def _lowest(group: Group, model: str) -> list[str]:
    return [
        "?" if each.level is None else f"L{each.level}"
        for each in group.lowest
        if each.model == model
    ]
