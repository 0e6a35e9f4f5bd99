SELECT date_trunc('day', b.time) AS day,
    coalesce(nullif(b.project, ''), '(unknown)') AS project,
    coalesce(nullif(b.model, ''), '(unknown)') AS model,
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
WHERE lower(b.developer) IN ({names}) AND {where}
GROUP BY date_trunc('day', b.time), coalesce(nullif(b.project, ''), '(unknown)'),
    coalesce(nullif(b.model, ''), '(unknown)')
ORDER BY 1, 2, 3
