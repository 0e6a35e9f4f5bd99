"""Assessments as people hold them: opened by a trigger, carried to their end by plain forms."""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.base.errors import BadValue
from pawl.governance.ledger import Actor
from pawl.maturity.ceremony_terms import Action, Gap, Refusal, Strength
from pawl.maturity.confirm import Trigger
from pawl.maturity.scaling import ScaleDecision
from pawl.server.asking import actor_of
from pawl.server.form import read_form
from pawl.server.pages.maturity import maturity_of
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.assessment_desk import AssessmentDesk

CAUSES = ("quarter", "incident", "scale-request")
OPENING = ("subject", "model", "cause", "ref", "dimensions")
FIELDS = ("command", "dimension", "criterion", "id", "gap", "text", "owner", "due", "indicator",
          "level", "reason", "area")  # fmt: skip
HELD = "/maturity/assessments"

Fields = Mapping[str, str]
Done = str | Refusal | ScaleDecision
Command = Callable[[AssessmentDesk, str, Fields, Actor, str], Done]


def assessments(request: Request) -> Response:
    """Answer `GET /maturity/assessments`."""
    asked = Asked(request, ("subject",))
    return _list(request, asked.text("subject"))


async def open_one(request: Request) -> Response:
    """Answer `POST /maturity/assessments`: open one by its trigger."""
    fields = await read_form(request, OPENING)
    return await anyio.to_thread.run_sync(partial(_open, request, fields))


def assessment(request: Request) -> Response:
    """Answer `GET /maturity/assessments/{id}`."""
    Asked(request, ())
    return _show(request)


async def command(request: Request) -> Response:
    """Answer `POST /maturity/assessments/{id}`: one step of an assessment."""
    fields = await read_form(request, FIELDS, many=("dimension", "level"))
    return await anyio.to_thread.run_sync(partial(_command, request, fields))


def _open(request: Request, fields: Fields) -> Response:
    pages = maturity_of(request)
    if fields["cause"] not in CAUSES:
        raise BadValue(
            f"{fields['cause'][:60]!r} opens no assessment.",
            place="cause",
            hint=f"Choose from {', '.join(CAUSES)}.",
        )
    now = pages.now
    trigger = Trigger(
        cause=fields["cause"],  # type: ignore[arg-type]
        ref=fields["ref"][:LONGEST],
        at=now,
        dimensions=tuple(filter(None, fields["dimensions"].split(","))),
    )
    answer = pages.desk.open(
        fields["subject"][:LONGEST], fields["model"], trigger, actor_of(request), now
    )
    if isinstance(answer, Refusal):
        return _list(request, fields["subject"], refusal=answer, fields=fields)
    return _see(answer)


def _command(request: Request, fields: Fields) -> Response:
    pages = maturity_of(request)
    run = COMMANDS.get(fields["command"])
    if run is None:
        raise BadValue(
            f"{fields['command'][:60]!r} is no step of an assessment.",
            place="command",
            hint=f"Choose from {', '.join(COMMANDS)}.",
        )
    identity = request.path_params["identity"][:LONGEST]
    if pages.ceremony(identity) is None:
        raise _nobody(identity)
    answer = run(pages.desk, identity, fields, actor_of(request), pages.now)
    if isinstance(answer, Refusal):
        return _show(request, refusal=answer, fields=fields)
    if isinstance(answer, ScaleDecision):
        return _show(request, decision=answer)
    return _see(answer)


def _list(
    request: Request,
    subject: str | None,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
) -> Response:
    pages = maturity_of(request)
    subjects = pages.subjects()
    if subject is not None and subject not in subjects:
        raise HTTPException(404, f"Nothing was assessed of {subject[:LONGEST]!r}.")
    if not subjects:
        return site_of(request).page(request, "maturity/empty.html")
    return site_of(request).page(
        request,
        "maturity/assessments.html",
        status=409 if refusal else 200,
        held=pages.ceremonies(subject),
        subject=subject,
        subjects=subjects,
        shown=pages.shown(subject),
        models=tuple(pages.rules.models.values()),
        causes=CAUSES,
        quarter=f"{pages.now[:4]}-Q{(int(pages.now[5:7]) + 2) // 3}",
        refusal=refusal,
        fields=fields or dict.fromkeys(OPENING, ""),
    )


def _show(
    request: Request,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
    decision: ScaleDecision | None = None,
) -> Response:
    identity = request.path_params["identity"][:LONGEST]
    pages = maturity_of(request)
    view = pages.ceremony(identity)
    if view is None:
        raise _nobody(identity)
    return site_of(request).page(
        request,
        "maturity/assessment.html",
        status=409 if refusal else 200,
        view=view,
        refusal=refusal,
        fields=fields or dict.fromkeys(FIELDS, ""),
        decision=decision,
    )


def _see(identity: str) -> Response:
    """Answer with the assessment as it now is; a reload repeats nothing."""
    return RedirectResponse(f"{HELD}/{quote(identity, safe='')}", status_code=303)


def _nobody(identity: str) -> HTTPException:
    return HTTPException(404, f"No assessment is called {identity!r}.")


def _strength(desk: AssessmentDesk, held: str, said: Fields, actor: Actor, now: str) -> Done:
    dimension, _, criterion = said["criterion"].partition("/")
    strength = Strength(
        dimension=said["dimension"] or dimension, text=said["text"], criterion=criterion
    )
    return desk.note_strength(held, strength, actor, now)


def _gap(desk: AssessmentDesk, held: str, said: Fields, actor: Actor, now: str) -> Done:
    dimension, _, criterion = said["criterion"].partition("/")
    gap = Gap(
        id=criterion or said["id"],
        dimension=dimension or said["dimension"],
        text=said["text"] or criterion,
    )
    return desk.note_gap(held, gap, actor, now)


def _action(desk: AssessmentDesk, held: str, said: Fields, actor: Actor, now: str) -> Done:
    action = Action(
        id=said["id"] or said["gap"],
        gap=said["gap"],
        text=said["text"],
        owner=said["owner"],
        due=said["due"],
        indicator=said["indicator"],
    )
    return desk.plan(held, action, actor, now)


def _targets(desk: AssessmentDesk, held: str, said: Fields, actor: Actor, now: str) -> Done:
    """Set the targets of several dimensions; the first refusal ends it, as it stands."""
    dimensions, levels = said["dimension"].split(","), said["level"].split(",")
    if len(dimensions) != len(levels):
        raise BadValue("There is not one level for each dimension.", place="level")
    for level in levels:
        if not (level.isascii() and level.isdigit() and len(level) < 4):
            raise BadValue(f"{level[:20]!r} is no level.", place="level")
    answer: Done = held
    for dimension, level in zip(dimensions, levels, strict=True):
        answer = desk.aim(held, dimension, int(level), actor, now)
        if isinstance(answer, Refusal):
            break
    return answer


COMMANDS: Mapping[str, Command] = {
    "attach": lambda desk, held, _, actor, now: desk.attach(held, actor, now),
    "strength": _strength,
    "gap": _gap,
    "agree": lambda desk, held, _, actor, now: desk.agree(held, actor, now),
    "action": _action,
    "targets": _targets,
    "close": lambda desk, held, _, actor, now: desk.close(held, actor, now),
    "abandon": lambda desk, held, said, actor, now: desk.abandon(held, said["reason"], actor, now),
    "scale": lambda desk, held, said, actor, now: desk.answer_scaling(
        held, said["area"] or "This request", actor, now
    ),
}
"""What the buttons of an assessment's page do, by the name they send."""
