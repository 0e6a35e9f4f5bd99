"""Wiring for `pawl doctor`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.base.finding import Finding


def doctor(folder: Path) -> list[Finding]:
    """Look at this machine and return what would keep Pawl from working.

    In a repository with a policy also whether that can be kept.
    """
    import shutil

    from pawl.app import bill_machine, now, price_texts
    from pawl.app.cadence import cadence_findings
    from pawl.app.oncall import oncall_findings_here
    from pawl.app.oncall_server import clock_findings
    from pawl.app.policies import policy_findings_here
    from pawl.base import catalogue
    from pawl.base.times import seconds_between
    from pawl.runs import agents
    from pawl.runs.agent import Agent
    from pawl.services.doctor import Facts, examine
    from pawl.services.scanning import survey_places
    from pawl.store.events.owner import owner
    from pawl.telemetry.format import Depth
    from pawl.world import folders
    from pawl.world.confinement import why_not

    writable = folders.is_writable(folder)
    products = catalogue.discover(agents, "AGENT", Agent)
    found = {
        name: next(filter(None, map(shutil.which, agent.binaries)), None)
        for name, agent in products.items()
        if agent.binaries
    }
    prices = price_texts(folder).table()
    owned = owner(folder)
    machine = bill_machine(folder)
    survey = survey_places(
        machine.formats, machine.disk, machine.environment, machine.home, {}, Depth()
    )
    machine_findings = examine(
        Facts(
            folder=str(folder),
            writable=writable,
            free_bytes=folders.free_bytes(folder),
            agents=found,
            transcripts={agent: report.files for agent, report in survey.reports.items()},
            prices_age_days=int(seconds_between(prices.as_of + "T00:00:00Z", now()) // 86_400),
            prices_as_of=prices.as_of,
            subreaper=sys.platform == "linux",
            trials_held=why_not(),
            server_url=owned.url if owned else None,
        )
    )
    here, at = Path.cwd(), now()
    return [
        *machine_findings,
        *policy_findings_here(here, at),
        *oncall_findings_here(here, at),
        *clock_findings(folder, at),
        *cadence_findings(folder, at, served=owned is not None),
    ]
