"""Values as JSON answers."""

import msgspec
from starlette.responses import Response


def as_json(value: object) -> Response:
    """Return a value of ours as JSON; field order is the declaration's."""
    return Response(
        msgspec.json.encode(value),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
