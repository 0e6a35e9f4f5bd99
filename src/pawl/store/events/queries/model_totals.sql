SELECT coalesce(nullif(b.model, ''), '(unknown)') AS model,
    sum(b.requests) AS requests,
    sum(b.input) AS input,
    sum(b.cache_read) AS cache_read,
    sum(b.cache_write_5m) AS cache_write_5m,
    sum(b.cache_write_1h) AS cache_write_1h,
    sum(b.output) AS output,
    sum(b.reasoning) AS reasoning,
    sum(b.web_searches) AS web_searches,
    sum(b.cost_micros) AS cost_micros,
    sum(b.unpriced_requests) AS unpriced_requests
FROM rollup AS b
WHERE {where}
GROUP BY coalesce(nullif(b.model, ''), '(unknown)')
ORDER BY coalesce(nullif(b.model, ''), '(unknown)')
