"""What budgets ask of one run: to reserve its cap before it starts, to tell what its end reached.

Only a run to which a hard limit applies waits for the records before it starts. Everyone else
starts as if there were no budgets, and what is due is told at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pawl.alerts.budget import TEAM_SOURCE, Owner, whose
from pawl.alerts.budget_numbers import Numbers
from pawl.alerts.budget_reserve import Declined, Granted
from pawl.base.errors import BadFile, Refused, Unavailable
from pawl.base.money import format_usd
from pawl.governance.ledger import Actor
from pawl.runs.agent import Launch
from pawl.runs.meter import Price, plain_model
from pawl.runs.record import RunRecord
from pawl.runs.spec import RunSpec, Unpriced
from pawl.services.budget_files import Read
from pawl.telemetry.usage import Usage

if TYPE_CHECKING:
    from pawl.alerts.budget_letter import Mailing
    from pawl.store.records.budgets import Answer, BudgetRecords

Prepare = Callable[[RunSpec], Launch]
_MODEL_FLAGS = ("--model", "-m")
_ONE_TOKEN = Usage(1, 0, 0, 0, 1, 0, 0)


class Plan:
    """Budgets and one run: `reserve` before the agent starts, `look` after it has ended.

    `always_ask` says that the records may know budgets that no file here declares: they are the
    team's own database, or a fork's file is not believed when it leaves some out.
    """

    def __init__(
        self,
        read: Read,
        records: Callable[[], BudgetRecords],
        numbers: Callable[[], Numbers],
        price: Price,
        *,
        source: str,
        always_ask: bool,
        mailing: Callable[[], Mailing] | None = None,
    ) -> None:
        self._read = read
        self._records = records
        self._numbers = numbers
        self._price = price
        self._sources = (TEAM_SOURCE, source)
        self._always_ask = always_ask
        self._mailing = mailing
        self._loaded = False
        self.told: list[str] = []
        """What is to be told on stderr once the run has ended."""

    def reserve(
        self,
        spec: RunSpec,
        launch: Launch,
        prepare: Prepare,
        put_in_order: Callable[[], None],
        actor: Actor,
        now: str,
    ) -> tuple[RunSpec, Launch, tuple[str, ...]]:
        """Return the run as it may start, and what to tell of it; raises Refused.

        `prepare` makes the launch of a changed specification, `put_in_order` gives back what dead
        supervisors had reserved. Where no hard limit applies the run
        is returned as it is, and nothing was opened.
        """
        hard = self._hard(spec)
        if not (hard or self._always_ask):
            return spec, launch, ()
        try:
            put_in_order()
            answer = self._ask(spec, actor, now)
        except Unavailable as error:
            if not hard:
                return spec, launch, (f"budgets could not be asked for: {error.message}",)
            raise Refused(
                f"The budget {hard[0]} cannot be asked: {error.message}",
                place=error.place,
                hint=error.hint,
            ) from error
        self._loaded = True
        decision = answer.decision
        if decision is None:
            return spec, launch, answer.warnings
        if isinstance(decision, Declined):
            raise Refused(decision.message, hint=decision.hint)
        return self._held(spec, launch, prepare, decision, answer)

    def _held(
        self, spec: RunSpec, launch: Launch, prepare: Prepare, granted: Granted, answer: Answer
    ) -> tuple[RunSpec, Launch, tuple[str, ...]]:
        """Return the run held to what was granted, where the agent can be held to it."""
        name = _short(granted.lowered or granted.accounts[0].budget)
        limits = msgspec.structs.replace(spec.limits, usd_micros=granted.micros)
        unpriced = Unpriced.STOP if answer.refuses_unpriced else spec.unpriced
        held = msgspec.structs.replace(spec, limits=limits, unpriced=unpriced)
        same = spec.limits.usd_micros == granted.micros
        try:
            prepared = prepare(held)
        except Refused as error:
            if answer.refuses_unpriced or spec.limits.usd_micros is not None:
                raise Refused(
                    f"{error.message} The budget {name} has a hard limit.",
                    place=error.place,
                    hint='Use an agent that Pawl can read, or declare unpriced = "allow".',
                ) from error
            blind = f"what this run costs cannot be seen; the budget {name} allows that"
            return spec, launch, (*answer.warnings, blind)
        told = f"this run is held to {format_usd(granted.micros)} by the budget {name}"
        return held, prepared, answer.warnings if same else (*answer.warnings, told)

    def look(self, spec: RunSpec, record: RunRecord, actor: Actor, now: str) -> None:
        """Note what the run's end reached: told once, by the run that reached it.

        While it cannot be said whom to tell nobody is: it stays due, and the run says so.
        """
        records = self._records()
        if not self._loaded:
            self.told += records.load(self._read.files(), actor, now).warnings
        owner = msgspec.structs.replace(_owner(spec), models=record.models)
        try:
            notices = records.notice(
                self._numbers().notice_percents,
                now,
                at=record.started_at or now,
                owner=owner,
                run_id=spec.run_id,
                mailing=self._mailing,
            )
        except BadFile as error:
            self.told.append(waits(error))
            return
        self.told += [notice.text for notice in notices]

    def _hard(self, spec: RunSpec) -> list[str]:
        """Return the names of declared hard limits that apply, whatever model the run uses."""
        owner = _owner(spec)
        return [
            budget.name
            for budget in self._read.budgets
            if budget.hard_micros is not None and whose(budget, owner)
        ]

    def _ask(self, spec: RunSpec, actor: Actor, now: str) -> Answer:
        from pawl.store.records.budgets import Wanted

        numbers = self._numbers()
        model, unpriced = self._model(spec, now)
        limits = spec.limits
        lifetime = numbers.expiry_s
        if limits.wall_s is not None:
            lifetime = round(limits.wall_s + limits.grace_s) + numbers.expiry_slack_s
        wanted = Wanted(
            run_id=spec.run_id,
            owner=msgspec.structs.replace(_owner(spec), models=None if model is None else (model,)),
            cap_micros=limits.usd_micros,
            unpriced_model=unpriced,
            lifetime_s=lifetime,
            sources=self._sources,
        )
        return self._records().reserve(self._read.files(), wanted, actor, now)

    def _model(self, spec: RunSpec, now: str) -> tuple[str | None, str | None]:
        """Return the model that the command names, and the same again where it has no price.

        A product's own word for one of several models names none.
        """
        aliases = self._numbers().model_aliases.get(spec.agent)
        named = None if aliases is None else _named_model(spec.command)
        if named is None or aliases is None or named in aliases:
            return None, None
        for name in (plain_model(named), plain_model(named).rpartition("/")[2]):
            if self._price(name, _ONE_TOKEN, now[:10]) is not None:
                return name, None
        return named, named


def waits(error: BadFile) -> str:
    """Return what to say when a file keeps notices from being told."""
    return f"a share of a budget is reached, and nobody can be told yet: {error}"


def _owner(spec: RunSpec) -> Owner:
    """Return whose a run is; its texts may come from paths, which need not be UTF-8."""
    whose_work = spec.attribution
    return Owner(
        project=_plain(whose_work.project),
        developer=_plain(whose_work.developer),
        agent=_plain(spec.agent),
    )


def _plain(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode()


def _named_model(command: tuple[str, ...]) -> str | None:
    found = None
    for number, word in enumerate(command):
        if word == "--":
            break
        flag, equals, value = word.partition("=")
        if flag in _MODEL_FLAGS:
            following = command[number + 1] if number + 1 < len(command) else None
            found = value if equals else following
    return found or None


def _short(key: str) -> str:
    return key.rpartition("/")[2]
