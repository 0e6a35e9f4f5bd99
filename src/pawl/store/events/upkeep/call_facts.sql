-- All that was ever told of the calls and failures that `fresh` tells of. Where a fact names no
-- call or request it stands for itself, and is in `fresh`.
CREATE OR REPLACE TEMP TABLE call_facts AS
SELECT id, time, kind, tool, agent, project, repo, session_id, run_id, tool_call_id, duration_ms,
    outcome
FROM events
WHERE {tells_of_call}
    AND tool_call_id IN (SELECT tool_call_id FROM fresh WHERE tool_call_id IS NOT NULL)
    AND {call} IN (SELECT {call} AS call FROM fresh WHERE {tells_of_call})
UNION ALL
SELECT id, time, kind, tool, agent, project, repo, session_id, run_id, tool_call_id, duration_ms,
    outcome
FROM fresh
WHERE {tells_of_call} AND tool_call_id IS NULL;

CREATE OR REPLACE TEMP TABLE failure_facts AS
SELECT id, time, kind, agent, model, project, request_id
FROM events
WHERE {tells_of_failure} AND request_id IN (
    SELECT request_id FROM fresh WHERE {tells_of_failure} AND request_id IS NOT NULL)
UNION ALL
SELECT id, time, kind, agent, model, project, request_id
FROM fresh
WHERE {tells_of_failure} AND request_id IS NULL;
