"""The addresses of the maturity pages and of the JSON beside them."""

from starlette.routing import Route

from pawl.server.api import maturity as api
from pawl.server.pages import assessments as held
from pawl.server.pages import maturity as pages

ROUTES = (
    Route("/maturity", pages.levels),
    Route("/maturity/dimension", pages.dimension),
    Route("/maturity/roadmap", pages.roadmap),
    Route("/maturity/trend", pages.trend),
    Route("/maturity/diff", pages.difference),
    Route("/maturity/exemptions", pages.exemptions),
    Route("/maturity/integrity", pages.integrity),
    Route("/maturity/fleet", pages.fleet),
    Route("/maturity/one-page", pages.one_page),
    Route("/maturity/assessments", held.assessments, methods=["GET"]),
    Route("/maturity/assessments", held.open_one, methods=["POST"]),
    Route("/maturity/assessments/{identity}", held.assessment, methods=["GET"]),
    Route("/maturity/assessments/{identity}", held.command, methods=["POST"]),
    Route("/api/maturity", api.subjects),
    Route("/api/maturity/assessment", api.assessment),
    Route("/api/maturity/explain", api.explanation),
    Route("/api/maturity/evidence/{identity}", api.record),
    Route("/api/maturity/roadmap", api.roadmap),
    Route("/api/maturity/trend", api.trend),
    Route("/api/maturity/diff", api.difference),
    Route("/api/maturity/exemptions", api.exemptions),
    Route("/api/maturity/integrity", api.integrity),
    Route("/api/maturity/assessments", api.assessments),
)
