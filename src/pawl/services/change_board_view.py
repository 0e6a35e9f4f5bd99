"""The board: every change where it stands, and what each waits for."""

from collections.abc import Callable, Iterable

import msgspec

from pawl.base.times import seconds_between
from pawl.changes.change import Change, State
from pawl.changes.gate import Decision
from pawl.changes.manifest import Risk, works_of
from pawl.governance.raci import Work

TROUBLE = (State.ROLLBACK_FAILED, State.UNMANAGED)
"""States in which something is out that should not be."""
LANES: tuple[tuple[str, str, tuple[State, ...]], ...] = (
    ("preparing", "In preparation", (State.DRAFT, State.EXPIRED)),
    ("review", "In review", (State.IN_REVIEW,)),
    ("out", "Going out", (State.APPROVED, State.ROLLING_OUT)),
    (
        "back",
        "Going back, or unmanaged",
        (State.ROLLBACK_FAILED, State.ROLLING_BACK, State.UNMANAGED),
    ),
)
"""Columns of what is under way: id, title, states."""
ENDED = (State.LIVE, State.ROLLED_BACK, State.REJECTED, State.WITHDRAWN)
LANE_MOST = 12
"""Cards that one column shows."""
PER_PAGE = 25
ENDED_MOST = 1_000
"""Ended changes that can be paged through; older ones are found in the ledger."""
_ORDER = {risk: place for place, risk in enumerate(Risk)}


class StageNow(msgspec.Struct, frozen=True, kw_only=True):
    """The stage a rollout is at; `number` counts from 1, `left_s` is what its hold still lasts."""

    name: str
    number: int
    of: int
    exposure: float
    left_s: float


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One change on the board. `waits` says for what, in a sentence; `since` is of its state."""

    id: str
    title: str
    state: State
    risk: Risk
    works: tuple[Work, ...]
    scope: str
    since: str
    assisted: bool
    experiment: bool
    waits: str = ""
    waits_gate: str = ""
    more_gates: int = 0
    approved_by: tuple[str, ...] = ()
    stage: StageNow | None = None


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One column. `count` is of all that are in it, also of those that it does not show."""

    id: str
    title: str
    rows: tuple[BoardRow, ...]
    count: int


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole board, with one page of what has ended, newest first."""

    lanes: tuple[Lane, ...]
    ended: tuple[BoardRow, ...]
    ended_count: int
    total: int
    page: int = 1

    @property
    def pages(self) -> int:
        """How many pages the newest of what has ended fills, one at least."""
        return max(1, -(-min(self.ended_count, ENDED_MOST) // PER_PAGE))

    @property
    def trouble(self) -> tuple[BoardRow, ...]:
        """What is out and should not be."""
        return tuple(row for lane in self.lanes for row in lane.rows if row.state in TROUBLE)


def board_view(
    changes: Iterable[Change],
    decision_of: Callable[[str], Decision | None],
    now: str,
    *,
    text: str = "",
    page: int = 1,
    ended: int | None = None,
) -> BoardView:
    """Return the board of changes; `decision_of` gives the newest of one by its id.

    `text` keeps only those whose id, title or components hold it. `ended` is how many have ended,
    where `changes` are not all of them.
    """
    found = [each for each in changes if not text or _matches(each, text.casefold())]
    found.sort(key=lambda each: (each.changed_at, each.id), reverse=True)
    over = [each for each in found if each.state in ENDED]
    lanes = []
    for identity, title, states in LANES:
        own = [each for each in found if each.state in states]
        own.sort(key=lambda each: states.index(each.state))
        rows = tuple(board_row(each, decision_of(each.id), now) for each in own[:LANE_MOST])
        lanes.append(Lane(id=identity, title=title, rows=rows, count=len(own)))
    start = (page - 1) * PER_PAGE
    count = len(over) if ended is None else ended
    return BoardView(
        lanes=tuple(lanes),
        ended=tuple(
            board_row(each, decision_of(each.id), now) for each in over[start : start + PER_PAGE]
        ),
        ended_count=count,
        total=len(found) - len(over) + count,
        page=page,
    )


def board_row(change: Change, decision: Decision | None, now: str) -> BoardRow:
    """Return one change as the board shows it."""
    manifest = change.manifest
    current = decision if decision is not None and decision.digest == change.digest else None
    waits, gate, more = _waits(change, current)
    return BoardRow(
        id=change.id,
        title=manifest.title,
        state=change.state,
        risk=current.risk.risk if current else manifest.declared_risk,
        works=tuple(sorted(works_of(manifest))),
        scope=manifest.scope,
        since=change.changed_at,
        assisted=manifest.assisted,
        experiment=manifest.experiment is not None,
        waits=waits,
        waits_gate=gate,
        more_gates=more,
        approved_by=change.approved_by,
        stage=stage_now(change, now),
    )


def stage_now(change: Change, now: str) -> StageNow | None:
    """Return the stage a rollout is at, None while it is not rolling out."""
    stages = change.manifest.rollout.stages
    if change.state is not State.ROLLING_OUT or not 0 <= change.stage < len(stages):
        return None
    stage = stages[change.stage]
    held = seconds_between(change.stage_at or change.changed_at, now)
    return StageNow(
        name=stage.name,
        number=change.stage + 1,
        of=len(stages),
        exposure=stage.exposure,
        left_s=max(0.0, stage.hold_s - held),
    )


def _waits(change: Change, decision: Decision | None) -> tuple[str, str, int]:
    """Return what a change waits for, the gate that says so, and how many more do."""
    if change.state in (State.IN_REVIEW, State.APPROVED) and decision and decision.against:
        first = decision.against[0]
        return first.reason, first.gate, len(decision.against) - 1
    said = {
        State.DRAFT: "Not submitted yet.",
        State.EXPIRED: "Its approval ran out; submit it again.",
        State.IN_REVIEW: "Waits to be judged." if decision is None else "",
        State.APPROVED: "May start.",
        State.ROLLBACK_FAILED: f"Going back failed. {change.why}",
        State.UNMANAGED: change.why,
    }
    ended = change.why if change.state in ENDED else ""
    return said.get(change.state, ended), "", 0


def _matches(change: Change, text: str) -> bool:
    manifest = change.manifest
    return any(text in each.casefold() for each in (change.id, manifest.title, *manifest.parts))
