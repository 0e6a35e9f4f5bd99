"""A shop whose own records an assessment reads: real git, real stores, a clock that is wound.

Everything goes through the desks and commands as people use them; only the clock is the test's.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.alerts.made_alerts import alerts, an_alert
from tests.evals.trials import Given, trial
from tests.incidents.made_incidents import content
from tests.services.made_desk import Clock
from tests.services.made_learning import BAD, CASE, GATE, MadeTree

from pawl.alerts.alert import Alert, Alerts
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Level
from pawl.app.cadence import cadence_desk
from pawl.app.incidents import incident_desk
from pawl.app.maturity import evidence_records
from pawl.cli.main import main
from pawl.evals.case import case_digest, stimulus_digest
from pawl.evals.sealing import seal
from pawl.evals.shelf import RECORDS, Shelf, packed_bytes
from pawl.evals.steering import assets_of
from pawl.incidents.action import Proof
from pawl.incidents.declaring import Said
from pawl.incidents.learning import IncidentLearning
from pawl.maturity.evidence import Record
from pawl.services.alert_incidents import AlertIncidents
from pawl.services.cadence import CadenceDesk
from pawl.services.change_terms import By
from pawl.services.incidents import IncidentDesk
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.engine import open_records
from pawl.store.records.timers import TimerRecords
from pawl.world.working_tree import WorkingTree

DAY = 86_400
TODAY = "2026-11-21T12:00:00.000000Z"
ROSTER = """\
schema: pawl.roster/1
people:
  - {id: ann, identities: ["session:ann", "git:ann@example.com"]}
  - {id: leo, identities: ["session:leo"]}
  - {id: sue, identities: ["session:sue", "git:sue@example.com"]}
  - {id: bot, kind: service, identities: ["session:bot"]}
grants:
  - {person: ann, role: on-call}
  - {person: leo, role: product-lead}
  - {person: leo, role: product-eng}
  - {person: sue, role: incident-commander}
"""
ONCALL = """\
schema: pawl.oncall/1
rotations:
  - {id: primary, members: [ann, leo], starts: "2026-01-05"}
escalation:
  - {after_s: 0, page: primary}
  - {after_s: 120, page: command}
"""
ANN = By(identity="session:ann", source="session", assurance="authenticated")
LEO = By(identity="session:leo", source="session", assurance="authenticated")
SUE = By(identity="session:sue", source="session", assurance="authenticated")
TYPED = By(identity="git:sue@example.com", source="git-config", assurance="declared")
ROUTES = Policy(routes=(Route(to=(), rules=("error-rate",), declare=2),))


class Story:
    """The shop. Its time begins nine months before it is assessed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = folder / "data"
        self.place = folder / "shop"
        self.clock = Clock("2026-02-16T09:00:00.000000Z")
        monkeypatch.setattr("pawl.world.clock.now", self.clock)
        for name in ("PAWL_RECORDS_URL", "PAWL_EVENTS_URL", "PAWL_SERVER"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PAWL_DATA", str(self.data))
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        self.data.mkdir()
        self.place.mkdir()
        monkeypatch.chdir(self.place)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "ann@example.com")
        self.git("config", "user.name", "Ann")
        self.commit({"README.md": "# Shop\n", ".pawl/roster.yaml": ROSTER})
        self.engine = open_records(self.data)
        self.incidents: IncidentDesk = incident_desk(
            self.data, self.place, engine=self.engine, once=False
        )

    def close(self) -> None:
        """Close the records."""
        self.engine.dispose()

    def git(self, *arguments: str) -> str:
        """Run git at the time of the clock."""
        now = self.clock()
        dated = {"GIT_AUTHOR_DATE": now, "GIT_COMMITTER_DATE": now}
        ran = subprocess.run(
            ("git", *arguments),
            cwd=self.place,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **dated},
        )
        return ran.stdout.strip()

    def commit(self, files: dict[str, str | bytes | None]) -> None:
        """Write files, None being one that goes, and commit all."""
        for name, said in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if said is None:
                path.unlink()
            else:
                path.write_bytes(said.encode() if isinstance(said, str) else said)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "A change")

    def wind_to(self, at: str) -> None:
        """Let time go by until an instant."""
        from pawl.base.times import parse_time

        assert at > self.clock()
        self.clock.moment = parse_time(at)

    def cadence(self) -> CadenceDesk:
        """Return the desk of the cadence, as a command opens it."""
        return cadence_desk(
            self.data, self.place, engine=self.engine, incidents=self.incidents, once=False
        )

    def fires(self, alert: Alert) -> None:
        """Let a look find an alert so, and the server declare what it gives reason to."""
        found = Decided(alerts=alerts(alert, at=self.clock()))

        def decide(before: Alerts, silences: object) -> Decided:
            return found

        records = AlertRecords(self.engine)
        assert records.look("here", "me", self.clock(), decide, every_s=1, stale_s=1)
        AlertIncidents(
            records,
            TimerRecords(self.engine),
            self.incidents,
            ROUTES,
            self.clock,
            about={},
            responses={},
        ).look()

    def alert(self, **values: Any) -> Alert:
        """Return an alert that fires now."""
        now = self.clock()
        told = {"level": Level.CRITICAL, "fired_at": now, "since": now, **values}
        return msgspec.structs.replace(an_alert(), **told)

    def mended(self, incident: str, by: By = SUE, *, after_s: float = 60) -> None:
        """Take command of an incident some seconds from now, and resolve it in an hour."""
        self.clock.wind(seconds=after_s)
        for told in (self.incidents.accept(incident, by),):
            assert not hasattr(told, "reasons"), told
        self.clock.wind(seconds=1800)
        for done in (self.incidents.mitigate(incident, by), self.incidents.resolve(incident, by)):
            assert not hasattr(done, "reasons"), done

    def incident(self, title: str = "Search is down", **said: Any) -> str:
        """Declare an incident by hand and mend it."""
        done = self.incidents.declare(Said(title=title, severity=2, **said), ANN)
        assert not hasattr(done, "reasons"), done
        self.mended(done.incident.id)
        return done.incident.id

    def learnt(self, incident: str, case: str = "no-push") -> None:
        """Publish what an incident taught and apply it to the tree; what it wrote is committed."""
        lesson = IncidentLearning(
            incidentId=incident,
            rootCause="nothing held a forced push",
            newEvalCases=(CASE.format(id=case, incident=incident),),
            gateUpdates=(GATE.format(id=f"{case}-evals"),),
            owner="leo",
        )
        self.clock.wind(seconds=DAY)
        paper = content(incident, learning=lesson)
        for told in (
            self.incidents.begin_postmortem(incident, "leo", SUE),
            self.incidents.revise(incident, paper, LEO),
            self.incidents.ask_review(incident, LEO),
            self.incidents.publish(incident, SUE),
        ):
            assert not hasattr(told, "reasons"), told
        self.commit({f"{case}.trial.gz": packed_bytes(seal(BAD, {}).data)})
        tree = MadeTree(self.place)
        done = self.incidents.learn(
            incident, lesson, LEO, files=tree, records=(f"{case}.trial.gz",)
        )
        assert not hasattr(done, "reasons"), done
        self.commit({})

    def done_with(self, incident: str) -> None:
        """Let Sue verify every action of an incident, with a proof each."""
        for number, each in enumerate(self.incidents.actions(incident=incident)):
            self.clock.wind(seconds=DAY)
            proof = Proof(
                place=f"{each.id}.md",
                digest=f"{number:064x}",
                fails_on_bad=True,
                passes_on_fixed=True,
            )
            for told in (
                self.incidents.begin_action(each.id, LEO),
                self.incidents.claim_action(each.id, LEO),
                self.incidents.verify_action(each.id, proof, SUE),
            ):
                assert not hasattr(told, "reasons"), told

    def tried(self, case: str, final: str = "done") -> None:
        """Give a case its oracle and null, and the record of a trial of today."""
        shelf = Shelf(WorkingTree(self.place))
        known = next(each.case for each in shelf.cases(broken={}) if each.case.id == case)
        same: dict[str, Any] = {
            "case": case,
            "case_digest": case_digest(known),
            "stimulus": stimulus_digest(known),
            "assets": assets_of(known, WorkingTree(self.place)),
        }
        good = trial(Given(final="done", calls=()), recorded_at=self.clock(), **same)
        bad = trial(Given(final="done", calls=({"tool": "Bash", "args": {}},)), **same)
        files: dict[str, str | bytes | None] = {
            f"{RECORDS}/{case}/oracle.trial.gz": packed_bytes(seal(good, {}).data),
            f"{RECORDS}/{case}/null.trial.gz": packed_bytes(seal(bad, {}).data),
        }
        for number in range(3):
            again = trial(
                Given(final="done", calls=()), recorded_at=f"{self.clock()[:-2]}{number}Z", **same
            )
            sealed = seal(again, {})
            files[f"{RECORDS}/{case}/{sealed.address}.trial.gz"] = packed_bytes(sealed.data)
        self.commit(files)

    def assessed(self, capsys: pytest.CaptureFixture[str]) -> dict[str, Record]:
        """Run `pawl assess` and return what each probe said, by its id."""
        capsys.readouterr()
        assert main(["assess", "--json"]) == 0
        subject = json.loads(capsys.readouterr().out)["subject"]
        with evidence_records(self.data) as kept:
            return {each.probe: each for each in kept.newest(subject, self.clock())}
