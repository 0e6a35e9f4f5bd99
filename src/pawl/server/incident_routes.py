"""The addresses of the pages on incidents, actions and debts."""

from starlette.routing import Route

from pawl.server.pages import incident, incident_reports, incidents

ROUTES = (
    Route("/incidents", incidents.board, methods=["GET"]),
    Route("/incidents", incidents.declare, methods=["POST"]),
    Route("/incidents/declare", incidents.declaring),
    Route("/incidents/figures", incidents.figures),
    *incident_reports.ROUTES,
    Route("/incidents/{identity}", incident.room),
    Route("/incidents/{identity}/command", incident.command, methods=["POST"]),
    Route("/incidents/{identity}/postmortem", incident.postmortem, methods=["GET"]),
    Route("/incidents/{identity}/postmortem", incident.write, methods=["POST"]),
    Route("/actions", incidents.actions, methods=["GET"]),
    Route("/actions", incidents.act, methods=["POST"]),
    Route("/debts", incidents.debts, methods=["GET"]),
    Route("/debts", incidents.pay, methods=["POST"]),
)
