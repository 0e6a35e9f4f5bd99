"""What commands about learning answer as JSON: one versioned object each."""

from typing import Literal

import msgspec

from pawl.incidents.blameless import Blame
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.event import Refusal
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.similarity import Similar
from pawl.services.incident_terms import Learnt


class PaperTold(msgspec.Struct, frozen=True, kw_only=True):
    """A postmortem, or before there is one its draft; sentences that blame; or why nothing was."""

    schema: Literal["pawl.postmortem/1"] = "pawl.postmortem/1"
    postmortem: Postmortem | None = None
    draft: Content | None = None
    blame: tuple[Blame, ...] = ()
    refusal: Refusal | None = None


class LearntTold(msgspec.Struct, frozen=True, kw_only=True):
    """How far a learning is applied, what to do next, and the commit where one was made."""

    schema: Literal["pawl.learnt/1"] = "pawl.learnt/1"
    learnt: Learnt | None = None
    next: tuple[str, ...] = ()
    commit: str = ""
    refusal: Refusal | None = None


class SimilarTold(msgspec.Struct, frozen=True, kw_only=True):
    """Earlier incidents that are like one, the likest first."""

    schema: Literal["pawl.similar/1"] = "pawl.similar/1"
    incident: str
    similar: tuple[Similar, ...]


class DebtTold(msgspec.Struct, frozen=True, kw_only=True):
    """A debt as it is after a command, or why nothing happened."""

    schema: Literal["pawl.debt/1"] = "pawl.debt/1"
    debt: OperationalDebt | None = None
    refusal: Refusal | None = None


class DebtsTold(msgspec.Struct, frozen=True, kw_only=True):
    """Debts, last seen first."""

    schema: Literal["pawl.debts/1"] = "pawl.debts/1"
    debts: tuple[OperationalDebt, ...]


Told = PaperTold | LearntTold | SimilarTold | DebtTold | DebtsTold


def told_json(told: object) -> str:
    """Return an answer as one line of JSON."""
    return msgspec.json.encode(told).decode()
