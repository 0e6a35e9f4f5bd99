-- Who told of the requests of the hours in `touched_hours`. Both tables have the request's time,
-- and plain bounds of it, so that an engine passes over what lies outside them.
CREATE OR REPLACE TEMP TABLE summed_sources AS
SELECT
    date_trunc('hour', q.time) AS time,
    q.project, q.repo, q.branch, q.developer, q.model, q.agent,
    s.source, s.agent AS teller,
    count(*) AS requests,
    sum(CASE WHEN s.pays THEN 1 ELSE 0 END) AS pays,
    sum(CASE WHEN s.disagrees THEN 1 ELSE 0 END) AS disagrees
FROM requests AS q
JOIN request_sources AS s ON s.key = q.key
WHERE date_trunc('hour', q.time) IN (SELECT time FROM touched_hours)
    AND q.time >= (SELECT min(time) FROM touched_hours)
    AND q.time < (SELECT max(time) + INTERVAL 1 HOUR FROM touched_hours)
    AND s.time >= (SELECT min(time) FROM touched_hours)
    AND s.time < (SELECT max(time) + INTERVAL 1 HOUR FROM touched_hours)
GROUP BY date_trunc('hour', q.time), q.project, q.repo, q.branch, q.developer, q.model, q.agent,
    s.source, s.agent;
