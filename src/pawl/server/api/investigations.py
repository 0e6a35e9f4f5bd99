"""Investigations and known quirks as JSON, and what the records here tell an investigation."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pawl.base.errors import BadValue
from pawl.base.times import canonical_time
from pawl.investigation.facts import Facts
from pawl.investigation.investigation import Investigation
from pawl.investigation.quirk import Quirk
from pawl.server.api.change_bodies import Body
from pawl.server.api.change_routes import Look, Sent
from pawl.server.api.changes import window_of
from pawl.server.api.commanding import command
from pawl.server.api.incident_bodies import Because
from pawl.server.api.incidents import looking, named
from pawl.server.asking import by_of
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.investigation_serving import (
    Kept,
    KeptTold,
    RecordedEvidence,
    ServedInvestigations,
)

OF, QUIRKS = "/api/incidents/{id}/investigations", "/api/quirks"
LARGEST = 4 * 1024 * 1024
"""Bytes of one investigation as JSON. One of a window has some hundred pieces of evidence."""


class Keeping(Body, frozen=True, kw_only=True):
    """What was found. Which incident it is of says the address."""

    investigation: Investigation


class Recording(Body, frozen=True, kw_only=True):
    """A quirk: of which component, which words stand in its errors, and what to know then."""

    component: Annotated[str, Meta(max_length=300)] = ""
    pattern: Annotated[str, Meta(max_length=300)]
    says: Annotated[str, Meta(max_length=10_000)]
    incident: Annotated[str, Meta(max_length=300)] = ""


class InvestigationsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Investigations of an incident, oldest first. Texts in them are logs and commits: no markup.

    What in them tries to give orders is `flagged`, and was not heard.
    """

    schema: Literal["pawl.investigations/1"] = "pawl.investigations/1"
    investigations: tuple[Kept, ...]


class QuirksAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Known quirks, oldest first."""

    schema: Literal["pawl.quirks/1"] = "pawl.quirks/1"
    quirks: tuple[Quirk, ...]


def served(request: Request) -> ServedInvestigations:
    """Return what keeps investigations; raises HTTPException where a server keeps none."""
    found = site_of(request).serving.investigations
    if found is None:
        raise HTTPException(404, "This server keeps no investigations.")
    return found


@looking
def investigations(request: Request) -> object:
    """Answer the investigations of an incident."""
    Asked(request, ())
    return InvestigationsAnswer(investigations=served(request).keeping.of(named(request)))


@looking
def quirks(request: Request) -> object:
    """Answer what is known of components."""
    retired = Asked(request, ("retired",)).one_of("retired", ("true",))
    return QuirksAnswer(quirks=served(request).keeping.quirks(retired=bool(retired)))


@looking
def evidence(request: Request) -> object:
    """Answer what the records tell of a window."""
    asked = Asked(request, ("since", "until"))
    return served(request).evidence(*window_of(asked, site_of(request).serving.pages.today))


@looking
def events(request: Request) -> object:
    """Answer what events tell of a window."""
    asked = Asked(request, ("since", "until"))
    return served(request).event_facts(*window_of(asked, site_of(request).serving.pages.today))


async def keep(request: Request) -> Response:
    """Answer `POST /api/incidents/{id}/investigations`."""
    Asked(request, ())
    keeping, which, by = served(request).keeping, named(request), by_of(request)

    def done(body: Keeping, key: str) -> object:
        found = msgspec.structs.replace(sound(body.investigation), incident=which)
        kept, refusal = keeping.keep(found, by)
        return KeptTold(kept=kept, refusal=refusal)

    return await command(request, Keeping, done, 201)


async def record(request: Request) -> Response:
    """Answer `POST /api/quirks`."""
    Asked(request, ())
    keeping, by = served(request).keeping, by_of(request)

    def done(body: Recording, key: str) -> object:
        return keeping.add_quirk(body.component, body.pattern, body.says, body.incident, by)

    return await command(request, Recording, done, 201)


async def retire(request: Request) -> Response:
    """Answer `POST /api/quirks/{id}/retire`."""
    Asked(request, ())
    keeping, which, by = served(request).keeping, named(request), by_of(request)
    return await command(
        request, Because, lambda body, key: keeping.retire_quirk(which, body.reason, by), 200
    )


def sound(found: Investigation) -> Investigation:
    """Return an investigation that can be kept; raises BadValue for what is none of ours.

    Its times are read, because pages and the next investigation rely on them.
    """
    if len(msgspec.json.encode(found)) > LARGEST:
        raise BadValue(f"It has more than {LARGEST:,} bytes.", place="investigation")
    try:
        for text in (found.made_at, found.window.since, found.window.until):
            if canonical_time(text) != text:
                raise ValueError(f"{text[:40]!r} is no canonical time")
        for text in (found.began_at, found.ended_at, found.window.at):
            if text and canonical_time(text) != text:
                raise ValueError(f"{text[:40]!r} is no canonical time")
    except (ValueError, OverflowError) as error:
        raise BadValue(f"{error}.", place="investigation") from error
    most = 2**53
    counts = [n for look in found.looks for n in (look.items, look.took_ms)]
    counts += [n for each in found.hypotheses for n in (each.rank,)]
    counts += [each.hypothesis for each in found.actions]
    if any(not -most < n < most for n in counts):
        raise BadValue("A count in it is too large.", place="investigation")
    return found


LOOKS = (
    Look(OF, "What investigations of it found.", InvestigationsAnswer, investigations),
    Look(QUIRKS, "What is known of components.", QuirksAnswer, quirks),
    Look("/api/investigation-evidence", "Changes and alerts of a window.", RecordedEvidence,
         evidence),
    Look("/api/investigation-events", "What events tell of a window.", Facts, events),
)  # fmt: skip
SENT = (
    Sent(OF, "Keep what an investigation found.", Keeping, KeptTold, keep, 201),
    Sent(QUIRKS, "Record a quirk.", Recording, Quirk, record, 201),
    Sent(f"{QUIRKS}/{{id}}/retire", "It holds no longer.", Because, Quirk, retire),
)
ROUTES = (
    *(Route(each.path, each.look, methods=["GET"]) for each in LOOKS),
    *(Route(each.path, each.handler, methods=["POST"]) for each in SENT),
)
