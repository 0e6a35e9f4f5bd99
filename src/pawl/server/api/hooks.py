"""What machines send in with a proof of their own, for which no token of ours is asked.

`/api/hooks/github` takes deliveries of GitHub, signed with the webhook's secret over their raw
bytes. `/api/hooks/ci-evidence/{identity}` takes evidence about a change from a CI job, which proves
what it is with a token of its CI system.
"""

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pawl.changes.change import Refusal
from pawl.server.api.answer import as_json
from pawl.server.site import site_of
from pawl.services.ci_tokens import MAX_STATEMENT, MAX_TOKEN
from pawl.services.deployment_rules import MAX_BODY, Delivery
from pawl.services.hooks import Hooks


async def github(request: Request) -> Response:
    """Answer `POST /api/hooks/github`: a deployment that waits is let go on, or ended."""
    hooks = _hooks(request)
    if hooks.github is None:
        raise HTTPException(404, "No webhook is configured here.")
    headers = request.headers
    delivery = Delivery(
        id=headers.get("x-github-delivery", ""),
        event=headers.get("x-github-event", ""),
        signature=headers.get("x-hub-signature-256", ""),
        body=await _body(request, MAX_BODY),
    )
    told = await anyio.to_thread.run_sync(hooks.delivered, delivery)
    if told is None:
        raise HTTPException(409, "Another delivery came under this id before.")
    return Response(told.body, status_code=told.status, media_type="application/json")


async def ci_evidence(request: Request) -> Response:
    """Answer `POST /api/hooks/ci-evidence/{identity}`: evidence, as an in-toto statement."""
    hooks = _hooks(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= MAX_TOKEN:
        raise HTTPException(401, "A CI job proves itself with its token.")
    statement = await _body(request, MAX_STATEMENT)
    identity = request.path_params["identity"]
    taken = await anyio.to_thread.run_sync(hooks.evidence, identity, token.strip(), statement)
    if isinstance(taken, Refusal):
        error = {
            "code": taken.code,
            "message": " ".join(taken.reasons),
            "place": "",
            "hint": taken.hint,
        }
        status = 401 if taken.code == "bad-token" else 422
        return JSONResponse({"error": error}, status_code=status)
    return as_json(taken)


def _hooks(request: Request) -> Hooks:
    hooks = site_of(request).serving.hooks
    if hooks is None:
        raise HTTPException(404, "Nothing is sent in here.")
    return hooks


async def _body(request: Request, most: int) -> bytes:
    """Return the raw bytes that came; raises HTTPException for more than are read."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > most:
            raise HTTPException(413, f"More than {most:,} bytes are not read here.")
    return bytes(body)
