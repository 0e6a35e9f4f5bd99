-- Of the calls that were first seen in the period those that failed or were refused, the newest
-- such telling first. A call that both happened to failed.
SELECT b.wrong_at AS happened_at, b.tool AS tool_name,
    CASE WHEN b.failed THEN 'failed' ELSE 'denied' END AS failure,
    b.agent AS agent, b.project AS project, b.session_id AS in_session, b.run_id AS in_run,
    b.told_ms AS took_ms
FROM tool_calls AS b
WHERE b.wrong_at IS NOT NULL AND b.tool IS NOT NULL AND {where}
ORDER BY happened_at DESC, in_session, tool_name, b.call
LIMIT $limit
