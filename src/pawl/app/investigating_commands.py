"""Wiring of the commands about investigations: whose records, which settings, whose agent."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from pawl.incidents.incident import Incident
    from pawl.investigation.facts import Window
    from pawl.investigation.investigate import Known
    from pawl.investigation.investigation import Investigation
    from pawl.investigation.template import Template
    from pawl.investigation.terms import Terms
    from pawl.runs.investigation_settings import MachineInvestigationSettings
    from pawl.runs.record import RunRecord
    from pawl.services.change_asking import Server
    from pawl.services.change_terms import By
    from pawl.services.incidents import IncidentDesk
    from pawl.services.investigation_keeping import InvestigationKeeping
    from pawl.services.investigation_records import RecordedHere
    from pawl.services.investigation_remote import RemoteInvestigations, RemoteRecorded

LOOK_S = 20.0
"""Seconds that a server may take to answer."""
_TEMPLATES = ".pawl/investigation"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks; empty is not said. `incident` may be empty too."""

    incident: str = ""
    since: str = ""
    until: str = ""
    at: str = ""
    components: tuple[str, ...] = ()


class Investigating:
    """Investigations of a team's server where PAWL_SERVER names one, else of our own records.

    Sources of this machine, such as its clone and its logs, are looked at here all the same. Close
    it after use.
    """

    def __init__(self, folder: Path, place: Path) -> None:
        from pawl.app import records_engine
        from pawl.app.incidents import incident_desk

        self._folder, self._place = folder, place
        self._server = _server()
        self._engine = None if self._server is not None else records_engine(folder)
        self.desk: IncidentDesk = (
            _remote_desk(self._server)
            if self._server is not None
            else incident_desk(folder, place, engine=self._engine)
        )

    def close(self) -> None:
        """Close the records."""
        if self._engine is not None:
            self._engine.dispose()

    def keeping(self) -> InvestigationKeeping | RemoteInvestigations:
        """Return what keeps investigations and quirks."""
        from pawl.services.investigation_keeping import InvestigationKeeping
        from pawl.services.investigation_remote import RemoteInvestigations
        from pawl.store.records.investigations import InvestigationRecords
        from pawl.world.clock import new_id, new_uuid, now

        if self._server is not None:
            return RemoteInvestigations(self._server, new_uuid)
        assert self._engine is not None
        records = InvestigationRecords(self._engine)
        return InvestigationKeeping(records, self.desk, now=now, new_id=new_id)

    def investigate(self, asked: Asked) -> Investigation:
        """Return what is found of an incident, or of a window; raises BadValue and BadFile."""
        from pawl.app import now
        from pawl.app.investigating import lookers
        from pawl.services.investigating import investigated
        from pawl.world.source import Asking
        from pawl.world.working_tree import top_of

        incident = self.desk.get(asked.incident) if asked.incident else None
        settings = self._settings()
        known = self._known(incident)
        moment = now()
        window = window_of(asked, incident, settings, known.terms, moment)
        recorded = self._recorded(window)
        known = msgspec.structs.replace(known, failed_actions=_failed(recorded, window))
        asking = Asking(
            window=window,
            settings=settings,
            terms=known.terms,
            folder=top_of(self._place),
            confined=False,
            recorded=recorded,
        )
        return investigated(
            incident.id if incident else "window",
            asking.window,
            lookers(asking),
            known,
            made_at=moment,
            timeout_s=asking.timeout_s,
        )

    def person(self) -> By:
        """Return who keeps what is found: the token's person, or whom git names here."""
        from pawl.services.change_terms import By

        if self._server is not None:
            # The server knows whose token it is; what we say of ourselves does not count there.
            return By(identity="session:", source="token", assurance="authenticated")
        return person_here(self._place)

    def template(self, name: str) -> Template:
        """Return a template of the repository as committed, or the shipped one; raises BadFile."""
        from pawl.base.errors import BadValue
        from pawl.investigation.template import read_template, shipped_template
        from pawl.world.git import file_at
        from pawl.world.working_tree import top_of

        path = f"{_TEMPLATES}/{name or 'default'}.md"
        text = file_at(top_of(self._place), "HEAD", path)
        if text is not None:
            return read_template(text, path)
        if name:
            raise BadValue(
                f"no template is called {name[:60]!r}.",
                place=path,
                hint="Commit it, or leave --template out.",
            )
        return shipped_template()

    def ask_agent(
        self,
        found: Investigation,
        command: tuple[str, ...],
        product: str | None,
        template: str,
        told: Callable[[str], None],
    ) -> Investigation:
        """Return an investigation with what an agent added; raises Refused for one that may write.

        What becomes of its run is told in the result.
        """
        from pawl.app.investigating import shipped_known
        from pawl.services.investigation_agent import with_agent
        from pawl.world.clock import new_token

        known = shipped_known()
        return with_agent(
            found,
            self.template(template),
            agent_of(self._folder, command, product, known.terms, told),
            nonce=new_token(),
            knowledge=known.knowledge,
        )

    def _settings(self) -> MachineInvestigationSettings:
        from pawl.app.contents import machine_settings
        from pawl.base.loading import load_toml
        from pawl.runs.config import Settings
        from pawl.runs.investigation_settings import merged
        from pawl.world.launch_site import launch_site

        machine = machine_settings(self._folder).investigation
        site = launch_site(self._place, dict(os.environ))
        if site.settings is None:
            return machine
        own = load_toml(site.settings, Settings, place=site.settings_place)
        return merged(own.investigation, machine)

    def _known(self, incident: Incident | None) -> Known:
        from pawl.app.investigating import shipped_known
        from pawl.base.errors import PawlError

        alike: tuple[str, ...] | None = None
        if incident is not None:
            try:
                alike = tuple(each.incident for each in self.desk.similar(incident.id))
            except PawlError:
                alike = None  # Not known, which is not the same as none.
        quirks = self.keeping().quirks()
        return msgspec.structs.replace(shipped_known(), quirks=quirks, alike=alike)

    def _recorded(self, window: Window) -> RecordedHere | RemoteRecorded:
        from pawl.app import records_engine
        from pawl.app.alerts import alert_rules, stored_past
        from pawl.app.changing import desk_of
        from pawl.services.investigation_records import RecordedHere
        from pawl.services.investigation_remote import RemoteRecorded

        if self._server is not None:
            return RemoteRecorded(self._server, window.since, window.until)
        return RecordedHere(
            desk=lambda: desk_of(self._folder, None),
            engine=lambda: records_engine(self._folder),
            rules=lambda: tuple(alert_rules()),
            events=lambda: stored_past(self._folder),
        )


def _failed(recorded: RecordedHere | RemoteRecorded, window: Window) -> int:
    """Return how many automated actions failed in a row; none are known where nobody can tell."""
    from pawl.base.errors import PawlError

    try:
        return recorded.failed_actions(window.since, window.until)
    except PawlError:
        return 0  # The source of changes says that it could not be looked at.


def _server() -> Server | None:
    """Return the team's server, None where none is named."""
    from pawl.world.server_client import ServerClient

    url = os.environ.get("PAWL_SERVER", "")
    token = os.environ.get("PAWL_TOKEN") or None
    return ServerClient(url, token, timeout_s=LOOK_S) if url else None


def _remote_desk(server: Server) -> IncidentDesk:
    from pawl.services.incident_remote import RemoteIncidentDesk
    from pawl.world.clock import new_uuid

    return RemoteIncidentDesk(server, new_uuid)


def window_of(
    asked: Asked,
    incident: Incident | None,
    settings: MachineInvestigationSettings,
    terms: Terms,
    now: str,
) -> Window:
    """Return what is looked at: what was asked, else around when the incident was noticed."""
    from pawl.base.durations import parse_duration
    from pawl.base.errors import BadValue
    from pawl.base.times import format_time, parse_time
    from pawl.incidents.incident import Milestone
    from pawl.investigation.facts import Window

    noticed = asked.at and format_time(parse_time(asked.at))
    if incident is not None and not noticed:
        order = (Milestone.DETECTED, Milestone.STARTED, Milestone.DECLARED)
        known = (incident.claimed(each) for each in order)
        noticed = next((each for each in known if each), "")
    around = noticed or now
    back = terms.lookback_minutes * 60.0
    if settings.lookback:
        back = parse_duration(settings.lookback, place="investigation.lookback")
    after = terms.after_minutes * 60.0
    if settings.after:
        after = parse_duration(settings.after, place="investigation.after")
    begin = format_time(parse_time(around) - timedelta(seconds=back))
    end = min(now, format_time(parse_time(around) + timedelta(seconds=after)))
    since = format_time(parse_time(asked.since)) if asked.since else begin
    until = format_time(parse_time(asked.until)) if asked.until else max(end, since)
    if until <= since:
        raise BadValue("the window ends before it begins.", place="--since")
    components = asked.components or (incident.components if incident else ())
    return Window(since=since, until=until, at=noticed, components=components)


def agent_of(
    folder: Path,
    command: tuple[str, ...],
    product: str | None,
    terms: Terms,
    told: Callable[[str], None],
) -> Callable[[str], RunRecord]:
    """Return what asks an agent under supervision; raises Refused for one that may write."""
    from pawl import app
    from pawl.review.policy import held_to_reading, shipped_policy
    from pawl.runs.config import Asked as RunAsked
    from pawl.runs.spec import Limits
    from pawl.services.run_agents import find_agent
    from pawl.services.run_around import Shown
    from pawl.services.runs import run
    from pawl.world.stdin import stdin_holds, stdin_rewinder

    found = find_agent(command, product).product
    named = product is not None
    held, tools = held_to_reading(shipped_policy(), found, command, named=named)
    metered = found in shipped_policy().agents
    shell = app.run_services(folder)

    def ask(text: str) -> RunRecord:
        asked = RunAsked(
            command=held,
            limits=Limits(
                usd_micros=int(terms.agent_usd * 1_000_000) if metered else None,
                wall_s=terms.agent_minutes * 60,
                turns=terms.agent_turns if metered else None,
            ),
            agent=product,
            allow_tools=tools,
            on_unexpected_tool="stop",
        )
        told("asking an agent …")
        with stdin_holds(text.encode("utf-8", "replace")):
            here = msgspec.structs.replace(shell, stdin_again=stdin_rewinder())
            return run(here, asked, Shown.JSON, lambda ran: b"").record

    return ask


def person_here(place: Path) -> By:
    """Return who gives a command here, as git says; raises BadValue where it says nothing."""
    from pawl.base.errors import BadValue
    from pawl.services.change_terms import By
    from pawl.world.git_identity import git_address

    address = git_address(place, os.environ)
    if address is None:
        raise BadValue(
            "git knows no address of yours, so nobody could be named who gave this command.",
            place="user.email",
            hint="Set it with `git config user.email`.",
        )
    return By(identity=f"git:{address}", source="git-config", assurance="declared")
