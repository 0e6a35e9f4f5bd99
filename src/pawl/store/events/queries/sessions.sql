-- Sessions: those that were only observed, and those that supervised runs carried. A session
-- that several runs resumed is there once for each of them.
WITH carried AS (
    SELECT run_id, count(*) AS sessions FROM run_sessions GROUP BY run_id
),
told AS (
    SELECT r.run_id AS session_id, CASE WHEN r.observed THEN NULL ELSE r.run_id END AS run_id,
        1 AS sessions, r.agent, r.project, r.branch, r.started_at, r.ended_at, r.outcome,
        r.models, r.requests, r.tool_calls, r.errors, r.input, r.cache_read, r.cache_write_5m,
        r.cache_write_1h, r.output, r.reasoning, r.web_searches, r.cost_micros, r.cost_basis
    FROM runs AS r
    WHERE r.observed
    UNION ALL
    SELECT s.session_id, s.run_id, c.sessions, r.agent, r.project, r.branch, r.started_at,
        r.ended_at, r.outcome, r.models, r.requests, r.tool_calls, r.errors, r.input,
        r.cache_read, r.cache_write_5m, r.cache_write_1h, r.output, r.reasoning, r.web_searches,
        r.cost_micros, r.cost_basis
    FROM run_sessions AS s
    JOIN runs AS r ON r.run_id = s.run_id
    JOIN carried AS c ON c.run_id = s.run_id
)
SELECT {columns}
FROM told AS b
WHERE {where}
{page}
