SELECT coalesce(nullif(model, ''), '(unknown)') AS model,
    count(*) AS requests,
    sum(input) AS input,
    sum(cache_read) AS cache_read,
    sum(cache_write_5m) AS cache_write_5m,
    sum(cache_write_1h) AS cache_write_1h,
    sum(output) AS output,
    sum(reasoning) AS reasoning,
    sum(web_searches) AS web_searches
FROM requests AS b
WHERE cost_micros IS NULL AND {where}
GROUP BY coalesce(nullif(model, ''), '(unknown)')
ORDER BY coalesce(nullif(model, ''), '(unknown)')
