-- The newest calls that failed or were refused, each once.
SELECT max(b.time) AS happened_at, max(b.tool) AS tool_name,
    max(CASE WHEN b.kind = 'tool_denied' THEN 'denied' ELSE 'failed' END) AS failure,
    max(b.agent) AS agent, max(b.project) AS project, max(b.session_id) AS in_session,
    max(b.run_id) AS in_run, max(b.duration_ms) AS took_ms
FROM events AS b
WHERE b.kind IN ('tool_denied', 'tool_result')
    AND (b.kind = 'tool_denied' OR b.outcome = 'error')
    AND b.tool IS NOT NULL AND {where}
GROUP BY coalesce(b.tool_call_id, b.id)
ORDER BY happened_at DESC, in_session, tool_name
LIMIT $limit
