"""What other gates would have said of decisions that were taken, beside what was said."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from pawl.changes.explain import explained
from pawl.changes.simulate import Played


class PlayedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One decision replayed. `tree` explains what would have been said."""

    played: Played
    title: str
    tree: tuple[tuple[int, str], ...]

    @property
    def turned(self) -> str:
        """`held`: it would have been held up; `let`: let through; empty: the same answer."""
        if self.played.was == self.played.would_be:
            return ""
        return "let" if self.played.would_be else "held"


class SimulatorView(msgspec.Struct, frozen=True, kw_only=True):
    """What would differ; `gates` is how often each gate would have said something else."""

    lines: tuple[PlayedLine, ...]
    gates: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()

    def count(self, turned: str) -> int:
        """Return how many decisions would have turned that way."""
        return sum(line.turned == turned for line in self.lines)


def simulator_view(
    played: Iterable[Played], titles: Mapping[str, str], notes: tuple[str, ...] = ()
) -> SimulatorView:
    """Return what a replay found: decisions that turn first, then where gates differ, then rest."""
    lines = [
        PlayedLine(played=each, title=titles.get(each.change, ""), tree=explained(each.decision))
        for each in played
    ]
    counts = Counter(gate for line in lines for gate in line.played.gates)
    lines.sort(key=lambda line: line.played.at, reverse=True)
    lines.sort(key=lambda line: (not line.turned, not line.played.gates))
    return SimulatorView(
        lines=tuple(lines),
        gates=tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0]))),
        notes=notes,
    )
