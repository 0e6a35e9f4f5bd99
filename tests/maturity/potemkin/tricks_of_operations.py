"""Tricks about runbooks, objectives, alerts, incidents and supervision."""

from tests.maturity.potemkin.repositories import Stage
from tests.maturity.potemkin.staged import RUNBOOKS
from tests.maturity.potemkin.tricks import trick

RUNBOOK = ("tier3.post-deployment.L2.runbooks", "eng.reliability.L3.runbooks")
OBJECTIVES = ("eng.reliability.L4.objectives", "eng.reliability.L4.error-budgets")
_EXPORT = (
    '{"kind": "export", "schema": "pawl.operations/1", "complete_since": "2026-01-01T00:00:00Z", '
    '"covers": ['
)
_GOOD = (
    "# Runbook: {name}\n\nOwner: @potemkin/platform\nLast reviewed: 2026-11-01\n\n"
    "When the alert fires, look at the dashboard of the service first and note what changed in the "
    "last hour. If the error rate keeps rising, stop the rollout, tell the support desk and go "
    "through the steps below one after the other. Do not skip the verification at the end, because "
    "the queue takes several minutes to drain and hides a failure while it does.\n\n"
    "1. Check the state of the workers.\n2. Restart those that hang.\n3. Roll back the release.\n\n"
    "```sh\nkubectl get pods\nkubectl rollout undo deployment/web\n```\n"
)


@trick(*RUNBOOK)
def runbooks_repeat_one_sentence(stage: Stage) -> None:
    """Runbooks are padded with one sentence, many times."""
    for name in RUNBOOKS:
        stage.files[f"docs/runbooks/{name}.md"] = f"# Runbook: {name}\n\nOwner: @a/b\n\n" + (
            "Follow the procedure carefully and escalate where needed.\n" * 40
        )


@trick(*RUNBOOK)
def runbooks_are_copies(stage: Stage) -> None:
    """One plausible runbook is copied for every service."""
    for name in RUNBOOKS:
        stage.files[f"docs/runbooks/{name}.md"] = _GOOD.format(name=name)


@trick(*RUNBOOK)
def runbooks_are_filler(stage: Stage) -> None:
    """Runbooks are filled with placeholder Latin."""
    words = [
        "lorem",
        "ipsum",
        "dolor",
        "sit",
        "amet",
        "consectetur",
        "adipiscing",
        "elit",
        "sed",
        "do",
        "eiusmod",
        "tempor",
    ]
    for at, name in enumerate(RUNBOOKS):
        text = " ".join(words[(at + n * 5) % len(words)] for n in range(120))
        stage.files[f"docs/runbooks/{name}.md"] = f"# Runbook: {name}\n\n{text}\n\nOwner: @a/b\n"


@trick(*RUNBOOK)
def runbooks_are_headings(stage: Stage) -> None:
    """Runbooks have every heading one could ask for, and little below."""
    heads = "Summary Impact Detection Owner Steps Rollback Verification Escalation Contacts Review"
    for name in RUNBOOKS:
        stage.files[f"docs/runbooks/{name}.md"] = f"# Runbook: {name}\n\n" + "".join(
            f"## {head}\n\nSee the wiki.\n\n" for head in heads.split()
        )


@trick(*RUNBOOK)
def runbooks_are_the_template(stage: Stage) -> None:
    """Runbooks are the template, not filled in."""
    stage.files["docs/runbooks/template.md"] = _GOOD.format(name="<service>")
    for name in RUNBOOKS:
        stage.files[f"docs/runbooks/{name}.md"] = _GOOD.format(name=name)


@trick("eng.reliability.L3.runbooks")
def runbooks_are_said_to_be_used(stage: Stage) -> None:
    """Incidents that cite every runbook are committed as evidence."""
    stage.files[".pawl/evidence/operations.jsonl"] = (
        _EXPORT
        + '"incidents"]}\n'
        + "".join(
            f'{{"kind": "incident", "id": "i{at}", "severity": 3, '
            f'"opened_at": "2026-11-{at + 1:02}T10:00:00Z", '
            f'"resolved_at": "2026-11-{at + 1:02}T11:00:00Z", '
            f'"runbook": "docs/runbooks/{name}.md", '
            f'"runbook_cited_at": "2026-11-{at + 1:02}T10:05:00Z"}}\n'
            for at, name in enumerate(RUNBOOKS)
        )
    )


def _slo(target: str) -> str:
    return (
        "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: web-availability\n"
        "spec:\n  service: web\n  description: Requests that succeed\n"
        "  indicator:\n    metadata: {name: success}\n    spec:\n      ratioMetric:\n"
        "        good: {metricSource: {type: Prometheus, spec: {query: 'sum(ok)'}}}\n"
        "        total: {metricSource: {type: Prometheus, spec: {query: 'sum(all)'}}}\n"
        "  timeWindow: [{duration: 28d, isRolling: true}]\n  budgetingMethod: Occurrences\n"
        f"  objectives: [{{displayName: good, target: {target}}}]\n"
    )


@trick(*OBJECTIVES)
def objective_is_zero(stage: Stage) -> None:
    """The objective is that nothing need succeed."""
    stage.files["slo.yaml"] = _slo("0")


@trick(*OBJECTIVES)
def objective_is_everything(stage: Stage) -> None:
    """The objective is that nothing may fail, which nobody can measure against."""
    stage.files["slo.yaml"] = _slo("1.0")


@trick(*OBJECTIVES)
def objective_series_is_committed(stage: Stage) -> None:
    """A series that never moves is committed as the objective's measurement."""
    stage.files["slo.yaml"] = _slo("0.99")
    stage.files[".pawl/evidence/operations.jsonl"] = (
        _EXPORT + '"objectives"]}\n'
        '{"kind": "objective", "service": "web", "name": "web-availability", "target": 0.99, '
        '"points": 8640, "expected_points": 8640, "distinct_values": 1, "budget_left": 1.0}\n'
    )


@trick("eng.reliability.L3.monitoring", "tier3.post-deployment.L2.monitoring")
def alerts_link_to_hollow_pages(stage: Stage) -> None:
    """Alert rules link to runbooks that say TBD."""
    stage.files["monitoring/alerts.yaml"] = "groups:\n  - name: web\n    rules:\n" + "".join(
        f"      - alert: Web{name.title()}\n        expr: up == 0\n        for: 5m\n"
        f"        annotations: {{runbook_url: docs/runbooks/{name}.md}}\n"
        for name in RUNBOOKS
    )


@trick("eng.reliability.L3.on-call")
def on_call_is_one_name(stage: Stage) -> None:
    """A schedule without a gap, of one person, is committed."""
    stage.files[".pawl/evidence/operations.jsonl"] = (
        _EXPORT
        + '"shifts"]}\n'
        + "".join(
            f'{{"kind": "shift", "schedule": "web", "person": "dev", '
            f'"start": "2026-{month:02}-01T00:00:00Z", "end": '
            f'"2026-{month + 1:02}-01T00:00:00Z"}}\n'
            for month in range(1, 12)
        )
    )


@trick(
    "eng.reliability.L4.postmortems",
    "eng.reliability.L4.repeats",
    "eng.reliability.L5.restores",
    "eng.reliability.L5.chaos",
    "eng.delivery.L4.rollback",
    "eng.delivery.L4.blocking",
)
def a_perfect_year_is_committed(stage: Stage) -> None:
    """A year of quick incidents, closed postmortems and drills is committed as evidence."""
    covers = '"incidents", "drills", "routines", "remediations"'
    rows = [f"{_EXPORT}{covers}]}}"]
    for month in range(1, 12):
        day = f"2026-{month:02}-15T"
        rows.append(
            f'{{"kind": "incident", "id": "i{month}", "severity": 1, '
            f'"opened_at": "{day}10:00:00Z", '
            f'"commander_at": "{day}10:01:00Z", "commander_acknowledged": true, '
            f'"mitigated_at": "{day}10:09:00Z", "resolved_at": "{day}10:20:00Z", '
            f'"reported_by_user": false, "root_cause": "cause-{month}", '
            f'"postmortem_at": "{day}18:00:00Z", "actions": [{{"id": "a{month}", "owned": true, '
            f'"due": "2026-{month:02}-28T00:00:00Z", "done_at": "2026-{month:02}-20T00:00:00Z", '
            '"evidence": "commit", "closed_as": "done"}]}'
        )
        for kind in ("rollback", "restore", "chaos", "canary"):
            rows.append(
                f'{{"kind": "drill", "id": "{kind}{month}", "drill": "{kind}", '
                f'"at": "{day}12:00:00Z", "succeeded": true, "minutes": 3, "hypothesis": true, '
                '"abort_rule": true, "fault": "kill", "checksum": true, "gate": "tests"}'
            )
        rows.append(
            f'{{"kind": "routine", "name": "review", "due": "{day}00:00:00Z", '
            f'"done_at": "{day}09:00:00Z", "record_digest": "d{month}"}}'
        )
    stage.files[".pawl/evidence/operations.jsonl"] = "\n".join(rows) + "\n"


@trick("eng.reliability.L2.process-manager")
def supervision_is_switched_off(stage: Stage) -> None:
    """A compose file names services whose restart policy is no."""
    stage.files["docker-compose.yml"] = "services:\n" + "".join(
        f"  {name}:\n    image: potemkin/{name}:latest\n    restart: 'no'\n"
        for name in ("web", "worker")
    )


@trick("eng.reliability.L2.process-manager")
def supervision_is_for_laptops(stage: Stage) -> None:
    """Only the development compose file restarts anything."""
    stage.files["docker-compose.dev.yml"] = "services:\n" + "".join(
        f"  {name}:\n    image: potemkin/{name}:latest\n    restart: always\n"
        for name in ("web", "worker")
    )
    stage.files["docker-compose.yml"] = "services:\n  web:\n    image: potemkin/web:latest\n"


@trick("ops.overall.L2.evaluation", "tier3.post-deployment.L2.investigation")
def eval_cases_never_run(stage: Stage) -> None:
    """Thirty eval cases cite failures, and none was ever run."""
    stage.files[".pawl/evals/review.yaml"] = "level: integration\ncases:\n" + "".join(
        f"  - id: case-{number}\n    cites: [INC-{number}]\n    input: x\n    expect: x\n"
        for number in range(30)
    )
