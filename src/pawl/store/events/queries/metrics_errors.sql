-- Errors that agents told of since a time, and tool calls that failed; a call told twice counts
-- once.
SELECT agent,
    count(DISTINCT CASE WHEN kind = 'error' THEN id END) AS errors,
    count(DISTINCT CASE WHEN kind = 'tool_result' THEN coalesce(tool_call_id, id) END)
        AS tool_errors
FROM events
WHERE time >= $since AND (kind = 'error' OR (kind = 'tool_result' AND outcome = 'error'))
GROUP BY agent
ORDER BY agent
