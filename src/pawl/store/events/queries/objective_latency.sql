-- Requests whose duration was told, each once, by day; bad are those that took too long.
WITH timed AS (
    SELECT coalesce(b.request_id, b.message_id, b.id) AS request, min(b.time) AS time,
        max(b.duration_ms) AS took_ms
    FROM events AS b
    WHERE b.kind = 'request' AND b.duration_ms IS NOT NULL
        AND b.time >= $since AND b.time < $until AND {owned}
    GROUP BY coalesce(b.request_id, b.message_id, b.id)
)
SELECT date_trunc('day', t.time) AS day,
    sum(CASE WHEN t.took_ms <= $threshold_ms THEN 1 ELSE 0 END) AS good,
    sum(CASE WHEN t.took_ms <= $threshold_ms THEN 0 ELSE 1 END) AS bad
FROM timed AS t
GROUP BY date_trunc('day', t.time)
ORDER BY day
