"""Reading what a form sends: a bounded body, known fields, each once."""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pawl.base.errors import BadValue

LARGEST = 16 * 1024
"""Bytes of one form; the longest text of an assessment has two thousand characters."""


async def read_form(
    request: Request, known: Iterable[str], many: Iterable[str] = (), *, largest: int = LARGEST
) -> Mapping[str, str]:
    """Return the fields of a form by name; one that is absent is empty.

    Those of `many` may stand several times and come joined by commas, in order.

    Raises BadValue for a field that means nothing here or stands twice, HTTPException for a body
    that is no form or too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "Send the fields of the form.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"That is more than {largest:,} bytes.")
    names, repeated = tuple(known), tuple(many)
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=40)
    except ValueError as error:
        raise BadValue("The form does not read.", place="form") from error
    fields.pop("csrf", None)  # The guard has looked at it.
    for name, values in fields.items():
        if name not in names:
            raise BadValue(f"There is no field {name[:60]!r} here.", place="form")
        if len(values) > 1 and name not in repeated:
            raise BadValue("The field is there twice.", place=name)
    return {name: ",".join(fields.get(name, [""])).strip() for name in names}
