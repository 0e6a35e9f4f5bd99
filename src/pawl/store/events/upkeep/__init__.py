"""SQL that keeps the derived tables up, one script a step, in the embedded engine's dialect.

`observed`, `renewed`, `rollup`, `source_rollup`, `tool_calls`, `runs` and `touched` say what the
derived rows are, and serve both engines. How rows are found and put is each engine's own:
`hits_of_requests`, `hits_of_runs`, `requests`, `replaced_requests`, `put_requests` and `put_runs`
are the embedded one's, `call_facts` is ClickHouse's; the rest of its way is in `clickhouse_upkeep`
and `clickhouse_calls`.
"""

from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """Return the text of one step."""
    return (files(__name__) / f"{name}.sql").read_text()
