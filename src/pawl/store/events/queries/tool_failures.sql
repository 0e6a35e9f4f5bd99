-- The newest calls that failed or were refused, each once.
SELECT max(b.time) AS time, max(b.tool) AS tool,
    max(CASE WHEN b.kind = 'tool_denied' THEN 'denied' ELSE 'failed' END) AS failure,
    max(b.agent) AS agent, max(b.project) AS project, max(b.session_id) AS session_id,
    max(b.run_id) AS run_id, max(b.duration_ms) AS duration_ms
FROM events AS b
WHERE (b.kind = 'tool_denied' OR (b.kind = 'tool_result' AND b.outcome = 'error'))
    AND b.tool IS NOT NULL AND {where}
GROUP BY coalesce(b.tool_call_id, b.id)
ORDER BY time DESC, session_id, tool
LIMIT $limit
