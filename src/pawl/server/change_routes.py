"""The addresses of the pages on changes."""

from starlette.routing import Route

from pawl.server.pages import change, changes, simulator
from pawl.server.pages import ledger as ledger_pages

ROUTES = (
    Route("/changes", changes.board),
    Route("/changes/live", changes.live),
    Route("/changes/live/{component:path}", changes.component),
    Route("/changes/gates", changes.gates),
    Route("/changes/exceptions", changes.exceptions, methods=["GET"]),
    Route("/changes/exceptions", changes.about_exception, methods=["POST"]),
    Route("/changes/figures", changes.figures),
    Route("/changes/simulator", simulator.simulator, methods=["GET"]),
    Route("/changes/simulator", simulator.play, methods=["POST"]),
    Route("/changes/ledger", ledger_pages.ledger, methods=["GET"]),
    Route("/changes/ledger", ledger_pages.verify, methods=["POST"]),
    Route("/changes/ledger/{seq:int}", ledger_pages.entry),
    Route("/changes/{identity}", change.change),
    Route("/changes/{identity}/answer", change.answer, methods=["POST"]),
    Route("/changes/{identity}/command", change.command, methods=["POST"]),
    Route("/changes/{identity}/exception", change.exception, methods=["POST"]),
    Route("/changes/{identity}/glass", change.glass, methods=["POST"]),
)
