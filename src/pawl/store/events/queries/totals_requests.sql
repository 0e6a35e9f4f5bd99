SELECT date_trunc('month', b.time) AS month,
    count(*) AS requests,
    sum(b.input + b.cache_read + b.cache_write_5m + b.cache_write_1h + b.output) AS tokens,
    coalesce(sum(b.cost_micros), 0) AS cost_micros,
    count(*) - count(b.cost_micros) AS unpriced_requests
FROM requests AS b
GROUP BY date_trunc('month', b.time)
ORDER BY date_trunc('month', b.time)
