"""`/api/maturity/…`: the objects behind the maturity pages, for programs."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import BadValue
from pawl.server.api.answer import as_json
from pawl.server.pages.maturity import capacity_of, chosen, maturity_of
from pawl.server.question import LONGEST, Asked
from pawl.services.maturity_pages import MaturityPages
from pawl.services.maturity_views import Shown


def subjects(request: Request) -> Response:
    """Answer `/api/maturity`: a page of all subjects with their newest levels."""
    asked = Asked(request, ("page",))
    fleet = maturity_of(request).fleet(asked.number("page", least=1, most=1_000_000, default=1))
    return as_json(
        {
            "schema": "pawl.fleet/1",
            "subjects": [
                {
                    "subject": row.subject,
                    "as_of": row.as_of,
                    "models": {
                        name: {
                            "complete": result.complete,
                            "weakest": result.weakest if result.complete else (),
                            "levels": {each.id: each.measured for each in result.dimensions}
                            if result.complete
                            else None,
                        }
                        for name, result in row.models.items()
                    },
                }
                for row in fleet.rows
            ],
            "total": fleet.total,
            "page": fleet.page,
            "pages": fleet.pages,
        }
    )


def assessment(request: Request) -> Response:
    """Answer `/api/maturity/assessment` with `pawl.assess/1`, as `pawl assess --json` prints it."""
    asked = Asked(request, ("subject", "digest"))
    pages = maturity_of(request)
    digest, subject = asked.text("digest"), asked.text("subject")
    if digest is None:
        return as_json(_shown(pages, asked).assessment)
    shown = pages.shown(subject, digest)
    if shown is None:
        raise HTTPException(404, f"No assessment has the digest {digest!r}.")
    return as_json(shown.assessment)


def explanation(request: Request) -> Response:
    """Answer `/api/maturity/explain` with `pawl.explain/1`; `address` is as `pawl explain`'s."""
    asked = Asked(request, ("subject", "address"))
    pages = maturity_of(request)
    shown = _shown(pages, asked)
    with _names():
        return as_json(pages.explanation(shown, asked.text("address") or ""))


def record(request: Request) -> Response:
    """Answer `/api/maturity/evidence/{identity}`: one record as it was sealed."""
    asked = Asked(request, ("subject",))
    pages = maturity_of(request)
    identity = request.path_params["identity"][:LONGEST]
    found = pages.record(_shown(pages, asked), identity)
    if found is None:
        raise HTTPException(404, f"No record is called {identity!r}.")
    return as_json(found)


def roadmap(request: Request) -> Response:
    """Answer `/api/maturity/roadmap` with `pawl.roadmap/1`."""
    asked = Asked(request, ("subject", "model", "capacity"))
    pages = maturity_of(request)
    capacity = capacity_of(asked)
    with _names():
        view = pages.roadmap(_shown(pages, asked), asked.text("model"), capacity)
    return as_json(view.roadmap)


def trend(request: Request) -> Response:
    """Answer `/api/maturity/trend`: measured and confirmed levels, oldest first."""
    asked = Asked(request, ("subject", "model"))
    pages = maturity_of(request)
    with _names():
        view = pages.trend(_shown(pages, asked), asked.text("model"))
    return as_json(
        {
            "schema": "pawl.trend/1",
            "subject": view.shown.subject,
            "model": view.model.model,
            "points": [
                {
                    "as_of": row.as_of,
                    "digest": row.digest,
                    "measured": _by_dimension(view.dimensions, row.measured),
                    "confirmed": _by_dimension(view.dimensions, row.confirmed),
                }
                for row in view.rows
            ],
        }
    )


def difference(request: Request) -> Response:
    """Answer `/api/maturity/diff` with `pawl.difference/1`, as `pawl diff --json` prints it."""
    asked = Asked(request, ("subject", "before", "after"))
    pages = maturity_of(request)
    with _names():
        view = pages.difference(_shown(pages, asked), asked.text("before"), asked.text("after"))
    if view.found is None:
        raise HTTPException(404, "There are no two assessments to compare.")
    return as_json(view.found)


def exemptions(request: Request) -> Response:
    """Answer `/api/maturity/exemptions`: what counts, what ended, what is refused."""
    asked = Asked(request, ("subject",))
    pages = maturity_of(request)
    view = pages.exemptions(_shown(pages, asked))
    return as_json(
        {
            "schema": "pawl.exemptions-judged/1",
            "live": [
                {
                    "id": each.criterion.exemption,
                    "criterion": each.criterion.id,
                    "ends": each.criterion.exemption_ends,
                    "counts": each.counts,
                }
                for each in view.live
            ],
            "expired": view.expired,
            "refused": dict(view.refused),
        }
    )


def integrity(request: Request) -> Response:
    """Answer `/api/maturity/integrity`: the hits, each with its innocent explanation."""
    asked = Asked(request, ("subject",))
    pages = maturity_of(request)
    return as_json(
        {"schema": "pawl.integrity/1", "hits": pages.integrity(_shown(pages, asked)).hits}
    )


def assessments(request: Request) -> Response:
    """Answer `/api/maturity/assessments`: what people held or hold, newest first."""
    asked = Asked(request, ("subject",))
    held = maturity_of(request).ceremonies(asked.text("subject"))
    return as_json({"schema": "pawl.ceremonies/1", "assessments": held})


@contextmanager
def _names() -> Iterator[None]:
    """Answer 404 where a name is asked for that nothing has."""
    try:
        yield
    except BadValue as error:
        raise HTTPException(404, error.message) from None


def _shown(pages: MaturityPages, asked: Asked) -> Shown:
    shown = chosen(pages, asked)
    if shown is None:
        raise HTTPException(404, "Nothing was assessed yet; pawl assess makes the first one.")
    return shown


def _by_dimension(
    dimensions: tuple[tuple[str, str], ...], levels: tuple[int | None, ...]
) -> dict[str, int | None]:
    return {name: level for (name, _), level in zip(dimensions, levels, strict=True)}
