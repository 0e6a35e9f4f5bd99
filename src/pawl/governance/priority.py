"""The order in which concerns come: security, safety, quality, cost.

It is agreed beforehand, so that a conflict is settled by a rule and not by who is louder. It is
total and fixed: a file may say who owns a domain, never that cost comes before security. Whatever
is settled keeps why, and who was overruled.

Source of the order: "Operational maturity model and roadmap", pattern 1, operating points.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Domain(StrEnum):
    """What a rule, a decision or an incident is about, the weightiest first."""

    SECURITY = "security"
    SAFETY = "safety"
    QUALITY = "quality"
    COST = "cost"


_RANK = {domain: rank for rank, domain in enumerate(Domain)}


class Stance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody asks for on behalf of a domain, and why. `by` is a role or a rule's id.

    `asks` ends a sentence that begins with the domain, such as "security holds it back".
    """

    domain: Domain
    asks: str
    by: str
    reason: str


class Settlement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a conflict ends. `asks` is None where the weightiest domain disagrees with itself."""

    asks: str | None
    domain: Domain
    why: str
    upheld: tuple[Stance, ...]
    overruled: tuple[Stance, ...]


def settle(stances: Iterable[Stance]) -> Settlement:
    """Return what the weightiest domain asks for; the order of stances changes nothing.

    Raises ValueError without any stance: then there is nothing to settle.
    """
    given = sorted(set(stances), key=lambda each: (rank(each.domain), each.asks, each.by))
    domain = highest(each.domain for each in given)
    heard = tuple(each for each in given if each.domain is domain)
    rest = tuple(each for each in given if each.domain is not domain)
    wishes = {each.asks for each in heard}
    if len(wishes) > 1:
        torn = ", and ".join(f"{domain} {each}" for each in sorted(wishes))
        return Settlement(
            asks=None,
            domain=domain,
            why=f"{torn}: its owner must decide.",
            upheld=(),
            overruled=(*heard, *rest),
        )
    asks = heard[0].asks
    against = tuple(each for each in rest if each.asks != asks)
    over = ", ".join(each.value for each in Domain if any(it.domain is each for it in against))
    why = f"{domain} {asks}: {heard[0].reason}"
    return Settlement(
        asks=asks,
        domain=domain,
        why=f"{why} {domain} comes before {over}." if against else why,
        upheld=(*heard, *(each for each in rest if each.asks == asks)),
        overruled=against,
    )


def rank(domain: Domain) -> int:
    """Return a domain's place, 0 for the weightiest: a key to sort queues by."""
    return _RANK[domain]


def outranks(one: Domain, other: Domain) -> bool:
    """Say whether one domain comes before another; none comes before itself."""
    return rank(one) < rank(other)


def highest(domains: Iterable[Domain]) -> Domain:
    """Return the weightiest of some domains; raises ValueError for none."""
    return min(domains, key=rank)


def may_except(domain: Domain) -> tuple[Domain, ...]:
    """Return the domains whose owners may set a rule of this domain aside: it and those above."""
    return tuple(each for each in Domain if not outranks(domain, each))
