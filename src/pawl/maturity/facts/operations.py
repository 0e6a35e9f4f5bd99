"""What happened in operation: incidents, alerts, deployments, drills, objectives, on-call.

Read from line-delimited exports (`pawl.operations/1`) and from Pawl's own records. Times are
canonical; `source` names where it is from.
"""

from typing import Literal

import msgspec


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work that an incident or a review left behind."""

    id: str
    owned: bool
    due: str | None = None
    done_at: str | None = None
    evidence: str | None = None
    closed_as: Literal["done", "wont-do"] | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. `severity` counts from 1, the worst.

    `repeats` are earlier ones of which a person confirmed that they had the same cause.
    """

    id: str
    severity: int
    opened_at: str
    commander_at: str | None = None
    commander_acknowledged: bool | None = None
    mitigated_at: str | None = None
    resolved_at: str | None = None
    reported_by_user: bool | None = None
    root_cause: str | None = None
    repeats: tuple[str, ...] = ()
    postmortem_at: str | None = None
    runbook: str | None = None
    runbook_cited_at: str | None = None
    severity_lowered_at: str | None = None
    reopened: int = 0
    actions: tuple[Action, ...] = ()
    eval_cases: tuple[str, ...] = ()
    gate_updates: tuple[str, ...] = ()
    caused_by_deploy: str | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One firing of one alert rule."""

    rule: str
    at: str
    resolved_at: str | None = None
    page: bool = False
    acted: bool | None = None
    incident: str | None = None
    runbook: str | None = None


class Deploy(msgspec.Struct, frozen=True, kw_only=True):
    """One deployment. `actor` is what started it."""

    id: str
    at: str
    environment: str = "production"
    commit: str | None = None
    actor: Literal["pipeline", "person", "unknown"] = "unknown"
    outcome: Literal["succeeded", "failed", "unknown"] = "unknown"
    rollback_of: str | None = None
    rework: bool | None = None
    change: str | None = None


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """An exercised failure: a rollback, a restore, a chaos experiment, a canary change."""

    id: str
    kind: Literal["rollback", "restore", "chaos", "canary", "tabletop", "budget-burn"]
    at: str
    succeeded: bool | None = None
    minutes: float | None = None
    hypothesis: bool | None = None
    abort_rule: bool | None = None
    fault: str | None = None
    checksum: bool | None = None
    gate: str | None = None


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """A service level objective's measured series within the window."""

    service: str
    name: str
    target: float
    points: int
    expected_points: int
    distinct_values: int
    budget_left: float | None = None
    acted_at: str | None = None


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of on-call. `person` is used to count and compare, never shown."""

    schedule: str
    person: str | None
    start: str
    end: str


class Routine(msgspec.Struct, frozen=True, kw_only=True):
    """One due occurrence of a recurring duty, and the record it left."""

    name: str
    due: str
    done_at: str | None = None
    record_digest: str | None = None


class Remediation(msgspec.Struct, frozen=True, kw_only=True):
    """One automatic attempt to clear an alert. `stop_rule`: it would have given up by itself."""

    rule: str
    at: str
    cleared: bool | None = None
    clear_minutes: float | None = None
    stop_rule: bool | None = None


class Restart(msgspec.Struct, frozen=True, kw_only=True):
    """One process that was started again after it died, and who did it."""

    service: str
    at: str
    by: Literal["supervisor", "person", "unknown"] = "unknown"


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One survey or retrospective: how many were asked and answered. Never who or what."""

    at: str
    topic: str
    asked: int
    answered: int


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """What operation recorded since `complete_since`. None: that kind is not recorded.

    `began` says by kind from when on it is complete, where that is another time: a kind may come
    from an export, from Pawl's own records, or from both.
    """

    source: str
    complete_since: str
    began: dict[str, str] = {}
    incidents: tuple[Incident, ...] | None = None
    alerts: tuple[Alert, ...] | None = None
    deploys: tuple[Deploy, ...] | None = None
    drills: tuple[Drill, ...] | None = None
    objectives: tuple[Objective, ...] | None = None
    shifts: tuple[Shift, ...] | None = None
    routines: tuple[Routine, ...] | None = None
    remediations: tuple[Remediation, ...] | None = None
    signals: tuple[Signal, ...] | None = None
    restarts: tuple[Restart, ...] | None = None

    def since(self, kind: str) -> str:
        """Return from when on a kind, such as `incidents`, is complete."""
        return self.began.get(kind, self.complete_since)
