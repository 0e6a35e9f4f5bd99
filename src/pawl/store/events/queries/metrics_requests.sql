-- What requests used and cost since a time, by who asked what, the dearest first.
SELECT coalesce(project, '') AS project, coalesce(model, '') AS model, agent,
    sum(requests) AS requests,
    sum(unpriced_requests) AS unpriced_requests,
    sum(cost_micros) AS cost_micros,
    sum(input) AS input,
    sum(cache_read) AS cache_read,
    sum(cache_write_5m) AS cache_write_5m,
    sum(cache_write_1h) AS cache_write_1h,
    sum(output) AS output
FROM rollup
WHERE time >= $since
GROUP BY coalesce(project, ''), coalesce(model, ''), agent
ORDER BY cost_micros DESC, requests DESC, project, model, agent
