-- Calls that were first seen in the period. How long one took is what its result says, else the
-- longest span about it, else the time between the call and its result.
WITH timed AS (
    SELECT b.tool AS tool, {group} AS owner, b.failed AS failed, b.denied AS denied,
        coalesce(b.told_ms, b.span_ms, epoch_ms(b.ended) - epoch_ms(b.began)) AS took_ms
    FROM tool_calls AS b
    WHERE b.tool IS NOT NULL AND {where}
)
SELECT tool, owner,
    count(*) AS calls,
    sum(CASE WHEN failed THEN 1 ELSE 0 END) AS failed,
    sum(CASE WHEN denied THEN 1 ELSE 0 END) AS denied,
    count(took_ms) AS measured,
    quantile_cont(took_ms, 0.5) AS p50_ms,
    quantile_cont(took_ms, 0.95) AS p95_ms
FROM timed
GROUP BY tool, owner
ORDER BY calls DESC, tool, owner
LIMIT $limit
