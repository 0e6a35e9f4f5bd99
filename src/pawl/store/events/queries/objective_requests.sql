-- Requests by day; bad are errors and retries that were told of.
WITH told AS (
    SELECT b.time, 1 AS good, 0 AS bad
    FROM requests AS b
    WHERE b.time >= $since AND b.time < $until AND {owned}
    UNION ALL
    SELECT b.time, 0 AS good, 1 AS bad
    FROM events AS b
    WHERE b.kind IN ('error', 'retry') AND b.time >= $since AND b.time < $until AND {owned}
)
SELECT date_trunc('day', t.time) AS day, sum(t.good) AS good, sum(t.bad) AS bad
FROM told AS t
GROUP BY date_trunc('day', t.time)
ORDER BY day
