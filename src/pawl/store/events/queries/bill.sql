SELECT {keys},
    sum(requests) AS requests,
    sum(input) AS input,
    sum(cache_read) AS cache_read,
    sum(cache_write_5m) AS cache_write_5m,
    sum(cache_write_1h) AS cache_write_1h,
    sum(output) AS output,
    sum(reasoning) AS reasoning,
    sum(web_searches) AS web_searches,
    sum(cost_micros) AS cost_micros,
    sum(unpriced_requests) AS unpriced_requests
FROM rollup AS b
WHERE {where}
GROUP BY {positions}
