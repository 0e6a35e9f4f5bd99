"""Measures, asked of Prometheus' HTTP API: each query of the settings over the window.

Reads: `prometheus` and `queries` of the machine's `[investigation]`; `prometheus_token` names the
variable of a token. https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

from pawl.base.errors import PawlError
from pawl.investigation.facts import Facts, Series
from pawl.investigation.prometheus import read_range
from pawl.investigation.symptoms import epoch
from pawl.world.asking_http import got
from pawl.world.posting import address_of, named_secret
from pawl.world.source import Asking, Source

STEP_S = 60
"""Seconds between two points; longer windows take longer steps."""
MAX_POINTS = 10_000
_PLACE = "investigation.prometheus"


def _missing(asking: Asking) -> str:
    if not asking.settings.prometheus:
        return "[investigation] of this machine names no Prometheus."
    return "" if asking.settings.queries else "[investigation] of this machine has no queries."


def _look(asking: Asking) -> Facts:
    settings = asking.settings
    url = address_of(settings.prometheus, asking.environment, _PLACE).rstrip("/")
    name = settings.prometheus_token
    token = None if name is None else named_secret(name, asking.environment, _PLACE, "The token")
    since, until = epoch(asking.window.since), epoch(asking.window.until)
    step = max(STEP_S, int((until - since) / MAX_POINTS) + 1)
    found: list[Series] = []
    left: list[str] = []
    last: PawlError | None = None
    share = asking.timeout_s / len(settings.queries)
    for query in settings.queries:
        asked = {"query": query, "start": f"{since}", "end": f"{until}", "step": f"{step}"}
        try:
            body = got(
                f"{url}/api/v1/query_range",
                asked,
                token,
                timeout_s=share,
                most=asking.most,
                place=_PLACE,
            )
            found += read_range(body, query=query, place=query[:200])
        except PawlError as error:
            last = error
            left.append(f"{query[:80]}: {error.message}")
    if last is not None and len(left) == len(settings.queries):
        raise last
    return Facts(series=tuple(found), left=tuple(left))


SOURCE = Source(title="Prometheus", answers=("metrics",), missing=_missing, look=_look)
