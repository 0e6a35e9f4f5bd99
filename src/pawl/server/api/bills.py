"""`/api/cost`: the bill, as `pawl cost --json` prints it."""

from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import BadValue
from pawl.render.cost import cost_json
from pawl.server.api.answer import as_json
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.cost import window
from pawl.telemetry.bill import Key


def cost(request: Request) -> Response:
    """Answer with `pawl.cost/1`. The parameters mean what the flags of `pawl cost` mean.

    Takes in what is in the spool first, so that what was acknowledged before counts; raises
    Unavailable when that cannot be done.
    """
    asked = Asked(request, ("by", "since", "until", "project"))
    serving = site_of(request).serving
    begin, end = window(_time(asked, "since"), _time(asked, "until"), serving.pages.now)
    keys = () if request.query_params.get("by") == "" else _keys(asked.exact("by"))
    project = asked.exact("project")
    serving.catch_up()
    return as_json(cost_json(serving.pages.bill(keys, begin, end, project)))


def _time(asked: Asked, name: str) -> str | None:
    value = asked.exact(name)
    if value is not None and value != value.strip():
        raise BadValue(f"{value!r} has blanks around it.", place=name)
    return value or None


def _keys(text: str | None) -> tuple[Key, ...]:
    names = (text or Key.PROJECT.value).split(",")
    try:
        return tuple(dict.fromkeys(Key(name) for name in names))
    except ValueError:
        choices = ", ".join(key.value for key in Key)
        raise BadValue(
            f"{text!r} is not a list of keys.", place="by", hint=f"Choose from {choices}."
        ) from None
