-- How long requests took, by model.
SELECT coalesce(nullif(b.model, ''), '(unknown)') AS model,
    count(b.duration_ms) AS measured,
    quantile_cont(b.duration_ms, 0.5) AS p50_ms,
    quantile_cont(b.duration_ms, 0.95) AS p95_ms
FROM requests AS b
WHERE {where}
GROUP BY coalesce(nullif(b.model, ''), '(unknown)')
ORDER BY coalesce(nullif(b.model, ''), '(unknown)')
