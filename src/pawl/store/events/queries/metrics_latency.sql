-- The 95th percentile of how long model requests took since a time, where that was told.
SELECT coalesce(model, '') AS model, quantile_cont(duration_ms, 0.95) AS p95_ms,
    count(*) AS requests
FROM events
WHERE kind = 'request' AND duration_ms IS NOT NULL AND time >= $since
GROUP BY coalesce(model, '')
ORDER BY requests DESC, model
LIMIT $most
