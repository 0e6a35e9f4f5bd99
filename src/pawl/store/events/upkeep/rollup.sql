-- The hours in `touched_hours`, of the requests as they are now. Requests without a known cost
-- are rows of their own: a row's `unpriced_requests` are none of its requests, or all.
CREATE OR REPLACE TEMP TABLE summed AS
SELECT
    date_trunc('hour', q.time) AS time,
    q.project, q.repo, q.branch, q.developer, q.model, q.agent,
    count(*) AS requests,
    sum(q.input) AS input,
    sum(q.cache_read) AS cache_read,
    sum(q.cache_write_5m) AS cache_write_5m,
    sum(q.cache_write_1h) AS cache_write_1h,
    sum(q.output) AS output,
    sum(q.reasoning) AS reasoning,
    sum(q.web_searches) AS web_searches,
    coalesce(sum(q.cost_micros), 0) AS cost_micros,
    count(*) - count(q.cost_micros) AS unpriced_requests
FROM requests AS q
WHERE date_trunc('hour', q.time) IN (SELECT time FROM touched_hours)
    -- The plain bounds are what lets an engine pass over what lies outside them.
    AND q.time >= (SELECT min(time) FROM touched_hours)
    AND q.time < (SELECT max(time) + INTERVAL 1 HOUR FROM touched_hours)
GROUP BY date_trunc('hour', q.time), q.project, q.repo, q.branch, q.developer, q.model, q.agent,
    q.cost_micros IS NULL;
