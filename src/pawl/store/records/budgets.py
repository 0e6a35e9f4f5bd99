"""Budgets in the records: what is declared, reserved, raised and told.

Each command is one writing transaction: the sums are taken, the decision is made and the
reservation is written while nobody else writes. That is what keeps a hundred runs that start at
once from passing a hard limit together.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from pawl.alerts.budget import Budget, Owner, UnpricedSpend, whose
from pawl.alerts.budget_account import Account, Spend, accounts
from pawl.alerts.budget_notice import Due, Notice, due
from pawl.alerts.budget_period import Span, span_at
from pawl.alerts.budget_policy import Change, Known, Policy, in_force, limit_at
from pawl.alerts.budget_reserve import Declined, Granted, decide
from pawl.base.errors import BadValue
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records import budget_rows, reservation
from pawl.store.records.connection import Connection, Engine, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append
from pawl.store.records.spend import spends

if TYPE_CHECKING:
    from pawl.alerts.budget_letter import Mailing

RESERVE_PATIENCE_MS = 120_000
_ANY = "SELECT key FROM budgets WHERE state = 'in force' LIMIT 1"
_NOTICES = "SELECT * FROM budget_notices WHERE period >= :since"


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """The budgets that files declare, and which sources those files are the whole of.

    Of a source in `tighten_only` (a fork's own file) nothing is recorded.
    """

    declared: tuple[Budget, ...] = ()
    sources: tuple[str, ...] = ()
    tighten_only: tuple[str, ...] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A run that asks to start.

    `cap_micros` None: it names none. Its reservation ends `lifetime_s` seconds from now at the
    latest. Budgets of `sources` apply to it: the team's and its repository's.
    """

    run_id: str
    owner: Owner
    cap_micros: int | None
    unpriced_model: str | None = None
    lifetime_s: float
    sources: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The decision, None where no hard limit applies; whether unpriced models are refused."""

    decision: Granted | Declined | None
    refuses_unpriced: bool = False
    warnings: tuple[str, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A budget with its accounts of the present period."""

    known: Known
    span: Span
    accounts: tuple[Account, ...]


class BudgetRecords:
    """Budgets and reservations. `now` is a canonical time; raises RecordsUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, files: Files, actor: Actor, now: str) -> Policy:
        """Bring the budgets in line with the files and return those in force."""
        with writing(self._engine) as connection:
            return _load(connection, files, actor, now)

    def reserve(self, files: Files, wanted: Wanted, actor: Actor, now: str) -> Answer:
        """Decide whether a run may start, and reserve its cap when it may.

        Waits longer than others for the records: a hundred runs that start at once come one
        after the other, and each of them would rather wait than be refused.
        """
        with writing(self._engine, patience_ms=RESERVE_PATIENCE_MS) as connection:
            policy = _load(connection, files, actor, now)
            held = _held(connection, policy, wanted, now)
            if not held:
                return Answer(decision=None, warnings=policy.warnings)
            decision = decide(wanted.cap_micros, held, unpriced_model=wanted.unpriced_model)
            _record(connection, decision, wanted, actor, now)
            refuses = any(budget.unpriced is UnpricedSpend.REFUSE for budget, _ in held)
            return Answer(decision=decision, refuses_unpriced=refuses, warnings=policy.warnings)

    def notice(
        self,
        percents: Sequence[int],
        now: str,
        *,
        at: str | None = None,
        owner: Owner | None = None,
        run_id: str | None = None,
        mailing: "Callable[[], Mailing] | None" = None,
    ) -> tuple[Notice, ...]:
        """Tell what is due, once: of one owner's budgets or of all, in the period that holds `at`.

        Returns the notices that are new; they are in the ledger then, and what channels are told
        of them is in the outbox. `mailing` says whom: it is asked only when something is due,
        and where it raises nothing was told.
        """
        moment = at or now
        with reading(self._engine) as connection:
            fresh = _due(connection, percents, moment, now, owner)
        if not fresh:
            return ()
        whom = None if mailing is None else mailing()
        with writing(self._engine) as connection:
            # Asked again under the lock: another run may have told it meanwhile.
            fresh = _due(connection, percents, moment, now, owner)
            for each in fresh:
                _tell(connection, each.notice, run_id, now)
                if whom is not None:
                    _send(connection, each, whom, run_id, now)
        return tuple(each.notice for each in fresh)

    def standing(self, now: str) -> tuple[Standing, ...]:
        """Return every budget with its accounts of the period that holds `now`."""
        with reading(self._engine) as connection:
            cache: dict[Span, list[Spend]] = {}
            return tuple(
                _standing(connection, known, now, now, cache)
                for known in budget_rows.known(connection).values()
                if not known.withdrawn
            )

    def any(self) -> bool:
        """Whether any budget is in force."""
        with reading(self._engine) as connection:
            return bool(connection.execute(_ANY))

    def notices(self, since: str) -> tuple[Notice, ...]:
        """Return the notices of periods that began at or after an instant, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(_NOTICES, {"since": since})
        rows.sort(key=lambda row: (row["noticed_at"], row["key"]))
        return tuple(budget_rows.notice(row) for row in rows)

    def raise_limit(
        self, name: str, micros: int, reason: str, actor: Actor, now: str, *, until: str | None
    ) -> Known:
        """Raise a hard limit until an instant, the period's end if None; raises BadValue."""
        with writing(self._engine) as connection:
            known = _named(budget_rows.known(connection), name)
            hard = limit_at(known, now)
            if known.budget.hard_micros is None or hard is None or micros <= hard:
                raise BadValue(
                    f"{name} is not raised by that: its hard limit is"
                    f" {'not set' if hard is None else f'{hard / 1_000_000:g} USD'}.",
                    place="--usd",
                    hint="Lower limits belong into the file that declares the budget.",
                )
            end = until or span_at(known.budget.period, now).end
            if end <= now:
                raise BadValue("the raise would end before it begins.", place="--until")
            body = {"until": end, "micros": micros, "reason": reason, "from_micros": hard}
            _append(connection, EntryType.BUDGET_RAISED, known.budget.key, body, actor, now)
            return _save(connection, EntryType.BUDGET_RAISED, known.budget.key, body, now)


def _load(connection: Connection, files: Files, actor: Actor, now: str) -> Policy:
    policy = in_force(
        files.declared,
        budget_rows.known(connection),
        files.sources,
        tighten_only=files.tighten_only,
    )
    for change in policy.changes:
        kind, body = _KINDS[change.kind], _body(change)
        _append(connection, kind, change.budget.key, body, actor, now)
        _save(connection, kind, change.budget.key, body, now)
    return policy


_KINDS = {
    "declared": EntryType.BUDGET_DECLARED,
    "raised": EntryType.BUDGET_RAISED,
    "withdrawn": EntryType.BUDGET_WITHDRAWN,
}


def _body(change: Change) -> dict[str, Any]:
    if change.kind == "withdrawn":
        return {"source": change.budget.source}
    return {"budget": msgspec.to_builtins(change.budget), "reason": change.budget.reason}


def _held(
    connection: Connection, policy: Policy, wanted: Wanted, now: str
) -> list[tuple[Budget, Account]]:
    cache: dict[Span, list[Spend]] = {}
    held = []
    for known in policy.known:
        budget = known.budget
        if budget.hard_micros is None or budget.source not in wanted.sources:
            continue
        theirs = whose(budget, wanted.owner)
        if theirs:
            standing = _standing(connection, known, now, now, cache, theirs)
            held += [(budget, each) for each in standing.accounts if each.who in theirs]
    return held


def _standing(
    connection: Connection,
    known: Known,
    at: str,
    now: str,
    cache: dict[Span, list[Spend]],
    theirs: Sequence[str] = (),
) -> Standing:
    span = span_at(known.budget.period, at)
    if span not in cache:
        cache[span] = spends(connection, span, now)
    found = accounts(known.budget, span, limit_at(known, now), cache[span], at_least=theirs)
    return Standing(known=known, span=span, accounts=tuple(found.values()))


def _record(
    connection: Connection, decision: Granted | Declined, wanted: Wanted, actor: Actor, now: str
) -> None:
    """Write the decision with the sums it rests on, so that it can be made again."""
    body: dict[str, Any] = {
        "cap_micros": wanted.cap_micros,
        "project": wanted.owner.project,
        "developer": wanted.owner.developer,
        "agent": wanted.owner.agent,
        "models": None
        if wanted.owner.models is None
        else msgspec.json.encode(wanted.owner.models).decode(),
        "budgets": [
            {
                "budget": each.budget,
                "who": each.who,
                "period": each.span.begin,
                "limit_micros": each.limit_micros,
                "settled_micros": each.settled_micros,
                "outside_micros": each.outside_micros,
                "held_micros": each.held_micros,
                "reserved_micros": each.reserved_micros,
            }
            for each in decision.accounts
        ],
    }
    if isinstance(decision, Declined):
        body |= {"code": decision.code, "budget": decision.account.budget}
        _append(connection, EntryType.BUDGET_REFUSED, wanted.run_id, body, actor, now)
        return
    expires = format_time(parse_time(now) + timedelta(seconds=wanted.lifetime_s))
    body |= {"amount_micros": decision.micros, "started_at": now, "expires_at": expires}
    body["lowered_by"] = decision.lowered
    stored = _append(connection, EntryType.BUDGET_RESERVED, wanted.run_id, body, actor, now)
    reservation.reserve(connection, wanted.run_id, stored)


def _due(
    connection: Connection, percents: Sequence[int], at: str, now: str, owner: Owner | None
) -> tuple[Due, ...]:
    cache: dict[Span, list[Spend]] = {}
    found: list[Account] = []
    for known in budget_rows.known(connection).values():
        theirs = () if owner is None else whose(known.budget, owner)
        if known.withdrawn or (owner is not None and not theirs):
            continue
        standing = _standing(connection, known, at, now, cache)
        found += [each for each in standing.accounts if owner is None or each.who in theirs]
    first = min((account.span.begin for account in found), default=at)
    told = connection.execute(_NOTICES, {"since": first})
    return due(found, percents, {row["key"] for row in told})


def _tell(connection: Connection, notice: Notice, run_id: str | None, now: str) -> None:
    from pawl.governance.ledger import PAWL

    body = {**msgspec.to_builtins(notice), "run_id": run_id}
    stored = _append(
        connection, EntryType.BUDGET_NOTICED, notice.budget, body, PAWL, now, key=notice.key
    )
    insert(connection, "budget_notices", budget_rows.noticed(stored, now))


def _send(connection: Connection, due: Due, whom: "Mailing", run_id: str | None, now: str) -> None:
    # Imported only here: most runs reach no share of anything, and nobody waits for it.
    from pawl.store.records.outbox import enqueue

    for letter in whom.letters(due.account, due.notice, run_id, now):
        enqueue(connection, letter, (letter.route,), now)


def _named(found: dict[str, Known], name: str) -> Known:
    matching = [
        known
        for key, known in found.items()
        if not known.withdrawn and name in (key, known.budget.name)
    ]
    if len(matching) == 1:
        return matching[0]
    names = ", ".join(sorted(key for key, known in found.items() if not known.withdrawn))
    raise BadValue(
        f"{len(matching) or 'no'} budgets are called {name!r}.",
        place="NAME",
        hint=f"Take one of: {names or '(none is declared)'}.",
    )


def _append(
    connection: Connection,
    kind: EntryType,
    subject: str,
    body: dict[str, Any],
    actor: Actor,
    now: str,
    *,
    key: str = "",
) -> dict[str, Any]:
    """Append an entry and return its body as stored, which is what a replay will see."""
    draft = Draft(
        type=kind.value,
        subject=subject,
        actor=actor,
        body=body,
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{kind.value}:{key or f'{subject}:{now}'}",
    )
    entry = append(connection, draft)
    if entry is None:
        raise BadValue("the same was recorded at the same instant.", hint="Try again.")
    stored: dict[str, Any] = msgspec.json.decode(entry.body)
    return stored


def _save(
    connection: Connection, kind: EntryType, key: str, body: dict[str, Any], now: str
) -> Known:
    row = budget_rows.row(connection, key)
    changed = budget_rows.after(row, kind.value, key, body, now)
    if row is not None:
        connection.execute("DELETE FROM budgets WHERE key = :key", {"key": key})
    insert(connection, "budgets", changed)
    return budget_rows.read(changed)
