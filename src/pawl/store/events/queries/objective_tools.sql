-- Calls of tools that came back, each once, by day; bad are those that failed.
WITH calls AS (
    SELECT coalesce(b.tool_call_id, b.id) AS call, min(b.time) AS time,
        max(CASE WHEN b.outcome = 'error' THEN 1 ELSE 0 END) AS bad
    FROM events AS b
    WHERE b.kind = 'tool_result' AND b.outcome IS NOT NULL
        AND b.time >= $since AND b.time < $until AND {owned}
    GROUP BY coalesce(b.tool_call_id, b.id)
)
SELECT date_trunc('day', c.time) AS day, sum(1 - c.bad) AS good, sum(c.bad) AS bad
FROM calls AS c
GROUP BY date_trunc('day', c.time)
ORDER BY day
