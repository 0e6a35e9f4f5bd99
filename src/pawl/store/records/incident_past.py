"""What is asked of incidents and what they left behind, each by an index and no more than that."""

from collections.abc import Iterable
from typing import Any

from pawl.incidents.action import Action
from pawl.incidents.action import State as ActionState
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.debt import State as DebtState
from pawl.incidents.declaring import plain_key
from pawl.incidents.event import Happened
from pawl.incidents.incident import Happening, Incident, State
from pawl.incidents.postmortem import Postmortem
from pawl.store.records.connection import Connection, Row
from pawl.store.records.incident_rows import KINDS, happened_of, read_value

_ONE = "SELECT body FROM {table} WHERE id = :id"
_LIKE = "SELECT id FROM {table} WHERE id LIKE :start ESCAPE '/' ORDER BY id LIMIT 2"
_LIST = "SELECT body FROM incidents WHERE {where} ORDER BY declared_at DESC, id DESC LIMIT :limit"
_BEFORE = """
(declared_at < (SELECT declared_at FROM incidents WHERE id = :before)
    OR declared_at = (SELECT declared_at FROM incidents WHERE id = :before) AND id < :before)
"""
_COUNTS = "SELECT state, COUNT(*) AS incidents FROM incidents GROUP BY state"
_HOLDER = "SELECT body FROM incidents WHERE open_key = :key"
_SAME_KEY = """
SELECT body FROM incidents WHERE same_key = :key ORDER BY declared_at DESC, id DESC LIMIT 50
"""
_SAME_PRINT = """
SELECT body FROM incidents WHERE fingerprint = :value ORDER BY declared_at DESC, id DESC LIMIT 200
"""
_SAME_CAUSE = """
SELECT body FROM incidents WHERE root_cause_key = :value
ORDER BY declared_at DESC, id DESC LIMIT 200
"""
_ONGOING = "SELECT body FROM incidents WHERE ongoing = 1 ORDER BY severity, declared_at, id"
_DUE = """
SELECT id FROM incidents WHERE next_due_at <= :now ORDER BY next_due_at, id LIMIT :limit
"""
_NEXT_DUE = "SELECT MIN(next_due_at) AS due FROM incidents WHERE next_due_at IS NOT NULL"
_TIMELINE = """
SELECT seq, type, subject, actor, claimed_at, recorded_at, body, hash FROM ledger
WHERE subject = :subject ORDER BY seq
"""
_TIMERS = """
SELECT seq, type, subject, recorded_at, body FROM ledger WHERE type = :type ORDER BY seq
"""
_BEGAN = """
SELECT DISTINCT subject FROM ledger WHERE type = :type AND recorded_at >= :since
"""
_TIMERS_OF = """
SELECT seq, type, subject, recorded_at, body FROM ledger
WHERE subject = :subject AND type || '' IN ({types}) ORDER BY seq
"""
_OF_TIMERS = (
    Happening.DECLARED, Happening.REOPENED, Happening.PAGED, Happening.BREACHED,
    Happening.ACCEPTED, Happening.RESOLVED, Happening.DECLINED, Happening.MERGED,
)  # fmt: skip
"""What an auditor of timers reads."""
_WINDOW = "SELECT body FROM incidents WHERE declared_at >= :since AND declared_at < :until"
_WINDOW_ACTIONS = """
SELECT body FROM actions
WHERE first_due_at >= :since AND first_due_at < :until OR first_due_at < :since AND done = 0
ORDER BY id
"""
_LATE_ACTIONS = """
SELECT body FROM actions
WHERE first_due_at < :since AND done = 1 AND changed_at >= :since ORDER BY id
"""
_EMERGENCIES = """
SELECT body FROM incidents
WHERE ongoing = 1 OR id IN (SELECT incident FROM exceptions)
ORDER BY declared_at DESC, id DESC
"""
_LIVING = """
SELECT body FROM incidents WHERE state NOT IN ('closed', 'declined', 'merged')
ORDER BY declared_at DESC, id DESC
"""
_LEARNED = """
SELECT DISTINCT s.incident FROM learning_steps s WHERE s.kind = 'action' ORDER BY s.incident
"""
_ACTIONS = "SELECT body FROM actions WHERE {where} ORDER BY due_at, id"
_DEBTS = "SELECT body FROM debts WHERE {where} ORDER BY last_seen_at DESC, id"
_PAPERS = "SELECT body FROM postmortems WHERE {where} ORDER BY changed_at DESC, id"


class IncidentPast:
    """Questions about incidents in one transaction."""

    _connection: Connection

    def incident(self, identity: str) -> Incident | None:
        """Return an incident by its whole id."""
        found: Incident | None = self._one("incident", identity)
        return found

    def action(self, identity: str) -> Action | None:
        """Return an action by its whole id."""
        found: Action | None = self._one("action", identity)
        return found

    def postmortem(self, identity: str) -> Postmortem | None:
        """Return a postmortem by its whole id."""
        found: Postmortem | None = self._one("postmortem", identity)
        return found

    def debt(self, identity: str) -> OperationalDebt | None:
        """Return a debt by its whole id."""
        found: OperationalDebt | None = self._one("debt", identity)
        return found

    def named(self, start: str, kind: str = "incident") -> tuple[str, ...]:
        """Return up to two ids of a kind that begin with a text."""
        escaped = start.replace("/", "//").replace("%", "/%").replace("_", "/_")
        rows = self._connection.execute(
            _LIKE.format(table=KINDS[kind].table), {"start": f"{escaped}%"}
        )
        # To SQLite capitals and small letters are alike there, to PostgreSQL they are not.
        return tuple(row["id"] for row in rows if row["id"].startswith(start))

    def board(
        self, states: tuple[State, ...], scope: str | None, limit: int, before: str
    ) -> tuple[Incident, ...]:
        """Return incidents, last declared first: in some states or all, of a scope and below.

        `before` is the id of the last one seen.
        """
        where, values = ["1 = 1"], dict[str, Any](limit=limit)
        if states:
            where.append(_in("state", states, values))
        if scope:
            where.append("(scope = :scope OR substr(scope, 1, :length) = :below)")
            values |= {"scope": scope, "below": f"{scope}/", "length": len(scope) + 1}
        if before:
            where.append(_BEFORE)
            values["before"] = before
        return self._all("incident", _LIST.format(where=" AND ".join(where)), values)

    def counts(self) -> dict[State, int]:
        """Return how many incidents are in which state."""
        rows = self._connection.execute(_COUNTS)
        return {State(row["state"]): row["incidents"] for row in rows}

    def holder(self, key: str) -> Incident | None:
        """Return the ongoing incident that holds a key, if there is one."""
        wanted = plain_key(key)
        found = self._all("incident", _HOLDER, {"key": wanted}) if wanted else ()
        return found[0] if found else None

    def with_key(self, key: str) -> tuple[Incident, ...]:
        """Return the last incidents that had a key, the last declared first."""
        wanted = plain_key(key)
        return self._all("incident", _SAME_KEY, {"key": wanted}) if wanted else ()

    def with_fingerprint(self, fingerprint: str) -> tuple[Incident, ...]:
        """Return the last incidents with a fingerprint, the last declared first."""
        asked = {"value": fingerprint}
        return self._all("incident", _SAME_PRINT, asked) if fingerprint else ()

    def with_root_cause(self, key: str) -> tuple[Incident, ...]:
        """Return the last incidents with a root-cause key, the last declared first."""
        return self._all("incident", _SAME_CAUSE, {"value": key}) if key else ()

    def ongoing(self) -> tuple[Incident, ...]:
        """Return the incidents that still hurt, the worst first."""
        return self._all("incident", _ONGOING, {})

    def due(self, now: str, limit: int) -> tuple[str, ...]:
        """Return the ids of incidents with a deadline that has come, the oldest deadline first."""
        rows = self._connection.execute(_DUE, {"now": now, "limit": limit})
        return tuple(row["id"] for row in rows)

    def next_due(self) -> str | None:
        """Return when the next deadline of any incident is."""
        rows = self._connection.execute(_NEXT_DUE)
        return rows[0]["due"] if rows else None

    def emergencies(self) -> tuple[Incident, ...]:
        """Return what glass may be broken in, or was: what goes on, and what exceptions name."""
        return self._all("incident", _EMERGENCIES, {})

    def timeline(self, *subjects: str) -> list[Row]:
        """Return the entries about some subjects in the order of the ledger."""
        found: dict[int, Row] = {}
        for subject in subjects:
            for row in self._connection.execute(_TIMELINE, {"subject": subject}):
                found[row["seq"]] = row
        return [found[seq] for seq in sorted(found)]

    def timer_events(self, since: str = "") -> tuple[Happened, ...]:
        """Return every event that timers are judged by, in the order of the ledger.

        With `since`, of incidents that were declared or opened again from then on.
        """
        rows = (
            self._timers_since(since)
            if since
            else [
                row
                for kind in _OF_TIMERS
                for row in self._connection.execute(_TIMERS, {"type": kind.value})
            ]
        )
        rows.sort(key=lambda row: int(row["seq"]))
        return tuple(
            happened_of(row["type"], row["subject"], row["recorded_at"], row["body"])
            for row in rows
        )

    def _timers_since(self, since: str) -> list[Row]:
        names = {
            str(row["subject"])
            for kind in (Happening.DECLARED, Happening.REOPENED)
            for row in self._connection.execute(_BEGAN, {"type": kind.value, "since": since})
        }
        types = ", ".join(f"'{each.value}'" for each in _OF_TIMERS)
        statement = _TIMERS_OF.format(types=types)
        return [
            row for name in names for row in self._connection.execute(statement, {"subject": name})
        ]

    def window(
        self, since: str, until: str
    ) -> tuple[tuple[Incident, ...], tuple[Incident, ...], tuple[Action, ...]]:
        """Return what figures are made of: incidents declared, what they repeat, actions due."""
        asked = {"since": since, "until": until}
        own = self._all("incident", _WINDOW, asked)
        named = {each for one in own for each in one.repeats} - {one.id for one in own}
        earlier = tuple(found for each in sorted(named) if (found := self.incident(each)))
        actions = (
            *self._all("action", _WINDOW_ACTIONS, asked),
            *self._all("action", _LATE_ACTIONS, {"since": since}),
        )
        return own, earlier, actions

    def actions(
        self, *, incident: str = "", states: tuple[ActionState, ...] = (), owner: str = ""
    ) -> tuple[Action, ...]:
        """Return actions, due first: of an incident, in some states, of an owner, or all."""
        where, values = ["1 = 1"], dict[str, Any]()
        if states:
            where.append(_in("state", states, values))
        for name, value in (("incident", incident), ("owner", owner)):
            if value:
                where.append(f"{name} = :{name}")
                values[name] = value
        return self._all("action", _ACTIONS.format(where=" AND ".join(where)), values)

    def living(self) -> tuple[Incident, ...]:
        """Return the incidents that are not over, last declared first."""
        return self._all("incident", _LIVING, {})

    def learned(self) -> frozenset[str]:
        """Return the incidents whose learning was applied to the last step: the action."""
        return frozenset(row["incident"] for row in self._connection.execute(_LEARNED))

    def unfinished(self) -> tuple[Action, ...]:
        """Return the actions that are still to do, due first."""
        return self._all("action", _ACTIONS.format(where="done = 0"), {})

    def blocking(self) -> tuple[Action, ...]:
        """Return the actions that hold releases up."""
        return self._all("action", _ACTIONS.format(where="done = 0 AND blocker = 1"), {})

    def postmortem_of(self, incident: str) -> Postmortem | None:
        """Return the postmortem of an incident."""
        where = _PAPERS.format(where="incident = :incident")
        found = self._all("postmortem", where, {"incident": incident})
        return found[0] if found else None

    def postmortems(self) -> tuple[Postmortem, ...]:
        """Return all postmortems, last changed first."""
        return self._all("postmortem", _PAPERS.format(where="1 = 1"), {})

    def debts(self, states: tuple[DebtState, ...] = ()) -> tuple[OperationalDebt, ...]:
        """Return debts in some states or all, last seen first."""
        values = dict[str, Any]()
        where = _in("state", states, values) if states else "1 = 1"
        return self._all("debt", _DEBTS.format(where=where), values)

    def _one(self, kind: str, identity: str) -> Any:
        found = self._all(kind, _ONE.format(table=KINDS[kind].table), {"id": identity})
        return found[0] if found else None

    def _all(self, kind: str, statement: str, values: Row) -> tuple[Any, ...]:
        rows = self._connection.execute(statement, values)
        return tuple(read_value(KINDS[kind], row["body"]) for row in rows)


def _in(column: str, states: Iterable[Any], values: dict[str, Any]) -> str:
    """Return a condition on a column; the states become named values."""
    names = {f"state{number}": state.value for number, state in enumerate(states)}
    values |= names
    return f"{column} IN ({', '.join(f':{name}' for name in names)})"
