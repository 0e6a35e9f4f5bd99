"""What the pages on sessions, tools, models and developers show, as values."""

from collections.abc import Mapping

import msgspec

from pawl.services.content_view import TextsView
from pawl.services.pages import RunChoices
from pawl.services.waterfall import Waterfall
from pawl.telemetry.activity import (
    ModelActivity,
    OwnDay,
    SessionRow,
    TeamTotal,
    ToolActivity,
    ToolFailure,
)
from pawl.telemetry.bill import Amount
from pawl.telemetry.model_advice import ClassAdvice
from pawl.telemetry.task_classes import TaskClass, TaskClasses
from pawl.telemetry.usage import Usage

PERIODS = (7, 30, 90)
"""Days of the periods that pages offer; 30 unless asked otherwise."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Whole UTC days: `since` and `until` are canonical instants, the latter excluded."""

    days: int
    since: str
    until: str


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whose activity is asked for; None asks for everybody's."""

    days: int = 30
    project: str | None = None
    agent: str | None = None

    @property
    def filters(self) -> Mapping[str, str]:
        """The conditions by column."""
        named = {"project": self.project, "agent": self.agent}
        return {name: value for name, value in named.items() if value is not None}


class SessionsView(msgspec.Struct, frozen=True, kw_only=True):
    """One page of sessions, newest first."""

    scope: Scope
    failing: bool
    rows: tuple[SessionRow, ...]
    total: int
    page: int
    pages: int
    choices: RunChoices


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One session; `rows` has an entry for each run that carried it, none when only spans told."""

    session_id: str
    rows: tuple[SessionRow, ...]
    waterfall: Waterfall
    repo: str | None
    repo_url: str | None
    branch: str | None
    commit: str | None
    commit_url: str | None
    shown_events: int
    all_events: int
    said: TextsView = TextsView()


class ToolsView(msgspec.Struct, frozen=True, kw_only=True):
    """Tools of a period, and the newest calls that went wrong, of `tool` or of all."""

    scope: Scope
    by: str
    tool: str | None
    rows: tuple[ToolActivity, ...]
    calls: int
    failed: int
    denied: int
    failures: tuple[ToolFailure, ...]
    choices: RunChoices
    cut: bool


class ModelsView(msgspec.Struct, frozen=True, kw_only=True):
    """Models of a period, those with the most requests first."""

    scope: Scope
    rows: tuple[ModelActivity, ...]
    total: Amount
    choices: RunChoices
    prices_as_of: str


class AdviceView(msgspec.Struct, frozen=True, kw_only=True):
    """What each class's tokens cost elsewhere; `chosen` is the class whose models are listed."""

    scope: Scope
    classes: TaskClasses
    advice: tuple[tuple[TaskClass, ClassAdvice], ...]
    chosen: str | None
    choices: RunChoices
    day: str
    prices_as_of: str


class OwnView(msgspec.Struct, frozen=True, kw_only=True):
    """One person's own use; `names` are all they are known by."""

    person: str
    names: tuple[str, ...]
    days: tuple[OwnDay, ...]
    projects: tuple[tuple[str, Amount], ...]
    models: tuple[tuple[str, Amount], ...]
    total: Amount


class TeamView(msgspec.Struct, frozen=True, kw_only=True):
    """A team that agreed to be shown. `total` is None when too few people were at work."""

    name: str
    members: int
    total: TeamTotal | None
    why_not: str = ""


class DevelopersView(msgspec.Struct, frozen=True, kw_only=True):
    """The viewer's own use, None when nobody is declared, and teams that agreed, by name."""

    scope: Scope
    own: OwnView | None
    why_not: str
    teams: tuple[TeamView, ...]
    least: int


def amount(
    requests: int = 0,
    usage: Usage | None = None,
    cost_micros: int = 0,
    unpriced_requests: int = 0,
) -> Amount:
    """Return counts as an amount of a bill."""
    return Amount(
        requests=requests,
        usage=usage or Usage(),
        cost_micros=cost_micros,
        unpriced_requests=unpriced_requests,
    )
