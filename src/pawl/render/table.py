"""Aligned text tables, cheap enough for a command that answers in a tenth of a second."""

from collections.abc import Sequence

Row = Sequence[str]


def aligned(head: Row, body: Sequence[Row], foot: Row | None = None, *, left: int) -> str:
    """Return a table; the first `left` columns stand left, the others (numbers) right."""
    rows = [head, *body] if foot is None else [head, *body, foot]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    rule = "  ".join("-" * width for width in widths)

    def line(row: Row) -> str:
        cells = [
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    lines = [line(head), rule, *map(line, body)]
    if foot is not None:
        lines += [rule, line(foot)]
    return "\n".join(lines) + "\n"


def printable(text: str) -> str:
    """Return hostile text for a terminal: no control characters, at most 60 characters."""
    shown = "".join(character if character.isprintable() else "?" for character in text)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
