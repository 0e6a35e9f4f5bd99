-- Tool calls that were refused in the period; what two sources tell of one call counts once.
SELECT count(DISTINCT coalesce(tool_call_id, id)) AS denied
FROM events
WHERE kind = 'tool_denied' AND time >= $since AND time < $until
