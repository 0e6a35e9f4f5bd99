"""The use cases behind the pages on sessions, tools, models and developers.

What is about a person is shown to that person alone, and teams only as a whole, only where they
agreed to it, and only while nobody in them can be made out. Nothing here orders people.
Answers about tools, models and task classes may be a few seconds old (`kept_answers`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from pawl.alerts.budget_people import People, persons_by_name
from pawl.base.times import format_time, parse_time
from pawl.services.activity_view import (
    AdviceView,
    DevelopersView,
    ModelsView,
    OwnView,
    Period,
    Scope,
    SessionsView,
    SessionView,
    TeamView,
    ToolsView,
    amount,
)
from pawl.services.content_view import ContentPages, TextsView
from pawl.services.host_links import commit_url, repo_url
from pawl.services.kept_answers import KeptAnswers
from pawl.services.pages import RunChoices
from pawl.services.waterfall import waterfall
from pawl.telemetry.activity import (
    ClassUsage,
    ModelActivity,
    OwnDay,
    SessionRow,
    TeamTotal,
    ToolActivity,
    ToolFailure,
)
from pawl.telemetry.bill import Amount
from pawl.telemetry.event import Event
from pawl.telemetry.model_advice import advise, thresholds
from pawl.telemetry.pricing import PriceTable
from pawl.telemetry.task_classes import TaskClasses, task_classes

SESSION_EVENTS = 4000
"""How many events of one session a page draws; it says so when there are more."""
TOOL_ROWS = 1000
FAILURES = 50
LEAST_TEAM = 5
"""People of a team, both declared and seen at work, below whom nothing of it is shown: with
fewer, each member knows what the others did."""


class ActivityFacts(Protocol):
    """The questions that these pages ask of the events store."""

    def sessions(
        self,
        *,
        since: str | None = None,
        filters: Mapping[str, str] | None = None,
        session_id: str | None = None,
        failing: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[SessionRow], int]:
        """Return one page of sessions, newest first, and the number of all."""

    def session_events(self, session_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
        """Return the first events of a session in order of time, and the number of all."""

    def tool_activity(
        self, since: str, until: str, *, by: str, filters: Mapping[str, str], limit: int
    ) -> list[ToolActivity]:
        """Return the tools, the most called first; `by` is empty, `project` or `agent`."""

    def tool_failures(
        self, since: str, until: str, *, tool: str | None, filters: Mapping[str, str], limit: int
    ) -> list[ToolFailure]:
        """Return the newest calls that went wrong."""

    def model_activity(
        self, since: str, until: str, *, filters: Mapping[str, str]
    ) -> list[ModelActivity]:
        """Return the models that were asked."""

    def class_usage(
        self,
        since: str,
        until: str,
        *,
        classes: TaskClasses,
        sizes: tuple[int, ...],
        filters: Mapping[str, str],
    ) -> list[ClassUsage]:
        """Return what each task class used, by model and size of prompt."""

    def person_days(self, names: Iterable[str], since: str, until: str) -> list[OwnDay]:
        """Return what one person used by day, project and model."""

    def team_total(self, persons: Mapping[str, str], since: str, until: str) -> TeamTotal:
        """Return what the people of a team used together."""

    def choices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the agents and the projects that any run has."""


class ActivityPages:
    """The use cases. `viewer` is who looks, as declared on this machine; `people` reads the file
    of names and teams, anew for each question, because agreement may be taken back. `contents`
    has what was said, where that is kept."""

    def __init__(
        self,
        facts: ActivityFacts,
        now: Callable[[], str],
        prices: PriceTable,
        viewer: str | None = None,
        people: Callable[[], People] = People,
        contents: ContentPages | None = None,
    ) -> None:
        self._facts = facts
        self._now = now
        self._prices = prices
        self._viewer = viewer
        self._people = people
        self._contents = contents
        self._kept = KeptAnswers(now)

    def period(self, days: int) -> Period:
        """Return the last `days` UTC days, today included."""
        end = parse_time(self._now()[:10]) + timedelta(days=1)
        begin = end - timedelta(days=days)
        return Period(days=days, since=format_time(begin), until=format_time(end))

    def sessions(
        self, scope: Scope, *, failing: bool, page: int, per_page: int = 50
    ) -> SessionsView:
        """Return one page of the list; a page past the end is the last page."""
        since = self.period(scope.days).since

        def ask(number: int) -> tuple[list[SessionRow], int]:
            return self._facts.sessions(
                since=since,
                filters=scope.filters,
                failing=failing,
                limit=per_page,
                offset=(number - 1) * per_page,
            )

        rows, total = ask(page)
        pages = max(1, -(-total // per_page))
        if page > pages:
            page = pages
            rows, total = ask(page)
        return SessionsView(
            scope=scope,
            failing=failing,
            rows=tuple(rows),
            total=total,
            page=page,
            pages=pages,
            choices=self._choices(),
        )

    def session(self, session_id: str, *, alone: bool = False) -> SessionView | None:
        """Return one session with its waterfall, or None when no source told of it.

        `alone` says that only this machine reaches the server.
        """
        rows, _ = self._facts.sessions(session_id=session_id, limit=20)
        events, count = self._facts.session_events(session_id, SESSION_EVENTS)
        if not rows and not events:
            return None
        repo = _last(events, "repo")
        commit = _last(events, "commit")
        said = TextsView()
        if self._contents is not None:
            runs = sorted({each.run_id for each in events if each.run_id})
            said = self._contents.of(session_id, runs, alone=alone)
        return SessionView(
            session_id=session_id,
            rows=tuple(rows),
            waterfall=waterfall(events, said.texts),
            said=said,
            repo=repo,
            repo_url=repo_url(repo),
            branch=_last(events, "branch"),
            commit=commit,
            commit_url=commit_url(repo, commit),
            shown_events=min(count, SESSION_EVENTS),
            all_events=count,
        )

    def tools(self, scope: Scope, *, by: str, tool: str | None) -> ToolsView:
        """Return the tools of a period, by project or agent where `by` says so."""
        when, filters = self.period(scope.days), scope.filters
        rows = self._kept.answer(
            ("tools", scope, by, when.since),
            lambda: self._facts.tool_activity(
                when.since, when.until, by=by, filters=filters, limit=TOOL_ROWS
            ),
        )
        cut = len(rows) == TOOL_ROWS
        if tool is not None:
            rows = [row for row in rows if row.tool == tool]
        failures = self._kept.answer(
            ("failures", scope, tool, when.since),
            lambda: self._facts.tool_failures(
                when.since, when.until, tool=tool, filters=filters, limit=FAILURES
            ),
        )
        return ToolsView(
            scope=scope,
            by=by,
            tool=tool,
            rows=tuple(rows),
            calls=sum(row.calls for row in rows),
            failed=sum(row.failed for row in rows),
            denied=sum(row.denied for row in rows),
            failures=tuple(failures),
            choices=self._choices(),
            cut=cut,
        )

    def models(self, scope: Scope) -> ModelsView:
        """Return the models of a period."""
        when = self.period(scope.days)
        rows = self._kept.answer(
            ("models", scope, when.since),
            lambda: self._facts.model_activity(when.since, when.until, filters=scope.filters),
        )
        total = Amount()
        for row in rows:
            total = total + amount(row.requests, row.usage, row.cost_micros, row.unpriced_requests)
        return ModelsView(
            scope=scope,
            rows=tuple(sorted(rows, key=lambda row: (-row.requests, row.model))),
            total=total,
            choices=self._choices(),
            prices_as_of=self._prices.as_of,
        )

    def advice(self, scope: Scope, chosen: str | None) -> AdviceView:
        """Return what the tokens of each task class would have cost on each other model."""
        when, classes = self.period(scope.days), task_classes()
        rows = self._kept.answer(
            ("classes", scope, when.since),
            lambda: self._facts.class_usage(
                when.since,
                when.until,
                classes=classes,
                sizes=thresholds(self._prices),
                filters=scope.filters,
            ),
        )
        today = self._now()[:10]
        candidates = [m for m in self._prices.models if self._prices.steps(m, today) is not None]
        found = {each.task_class: each for each in advise(rows, self._prices, today, candidates)}
        advice = tuple((each, found[each.id]) for each in classes.classes if each.id in found)
        known = {each.id for each, _ in advice}
        return AdviceView(
            scope=scope,
            classes=classes,
            advice=advice,
            chosen=chosen if chosen in known else None,
            choices=self._choices(),
            day=today,
            prices_as_of=self._prices.as_of,
        )

    def developers(self, days: int, *, alone: bool) -> DevelopersView:
        """Return the viewer's own use, and the teams that agreed to be shown.

        `alone` says that only this machine reaches the server: whoever declared a name is then
        who looks.
        """
        scope, when, people = Scope(days=days), self.period(days), self._people()
        own, why_not = None, "" if alone else "shared"
        if alone and self._viewer is not None:
            own = self._own(self._viewer, people, when)
        elif alone:
            why_not = "nobody"
        return DevelopersView(
            scope=scope,
            own=own,
            why_not=why_not,
            teams=tuple(self._teams(people, when)),
            least=LEAST_TEAM,
        )

    # -- within -----------------------------------------------------------------------------------

    def _own(self, viewer: str, people: People, when: Period) -> OwnView:
        persons = persons_by_name(people)
        person = persons.get(viewer.strip().casefold(), viewer)
        names = tuple(
            sorted({viewer, *(name for name, whose in persons.items() if whose == person)})
        )
        days = self._facts.person_days(names, when.since, when.until)
        return OwnView(
            person=person,
            names=names,
            days=tuple(days),
            projects=_summed(days, "project"),
            models=_summed(days, "model"),
            total=sum((_of(day) for day in days), Amount()),
        )

    def _teams(self, people: People, when: Period) -> Iterable[TeamView]:
        persons = persons_by_name(people)
        for team in sorted(set(people.shown) & people.teams.keys()):
            members = {persons.get(m.strip().casefold(), m.strip()) for m in people.teams[team]}
            if len(members) < LEAST_TEAM:
                yield TeamView(name=team, members=len(members), total=None, why_not="small")
                continue
            names = {name: who for name, who in persons.items() if who in members}
            names |= {who.casefold(): who for who in members}
            total = self._facts.team_total(names, when.since, when.until)
            if total.people < LEAST_TEAM:
                yield TeamView(name=team, members=len(members), total=None, why_not="few")
            else:
                yield TeamView(name=team, members=len(members), total=total)

    def _choices(self) -> RunChoices:
        agents, projects = self._facts.choices()
        return RunChoices(agents=agents, projects=projects)


def _last(events: Iterable[Event], field: str) -> str | None:
    found = None
    for event in events:
        found = getattr(event, field) or found
    return found


def _of(day: OwnDay) -> Amount:
    return amount(day.requests, day.usage, day.cost_micros, day.unpriced_requests)


def _summed(days: Iterable[OwnDay], field: str) -> tuple[tuple[str, Amount], ...]:
    sums: dict[str, Amount] = {}
    for day in days:
        name = getattr(day, field)
        sums[name] = sums.get(name, Amount()) + _of(day)
    ordered = sorted(sums.items(), key=lambda pair: (-pair[1].cost_micros, pair[0]))
    return tuple(ordered)
