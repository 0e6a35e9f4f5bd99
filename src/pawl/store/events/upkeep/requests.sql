-- Which requests the renewed ones take the place of, and the hours and runs of both.
CREATE OR REPLACE TEMP TABLE stale AS
SELECT id AS key FROM touched_requests
UNION SELECT 'message:' || id FROM touched_messages
UNION SELECT key FROM renewed;

-- A request has the time of one of its observations, and all of them are in `observed`.
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT rowid AS number, key, time, run_id, session_id FROM requests
WHERE key IN (SELECT key FROM stale)
    AND time >= (SELECT min(time) FROM observed) AND time <= (SELECT max(time) FROM observed);

CREATE OR REPLACE TEMP TABLE touched_hours AS
SELECT DISTINCT date_trunc('hour', time) AS time
FROM (SELECT time FROM replaced UNION ALL SELECT time FROM renewed);

-- Runs and sessions that the old or the new attribution names change as well.
INSERT INTO touched_runs
SELECT run_id FROM (SELECT run_id FROM replaced UNION SELECT run_id FROM renewed)
WHERE run_id IS NOT NULL AND run_id NOT IN (SELECT id FROM touched_runs);
INSERT INTO touched_sessions
SELECT session_id FROM (SELECT session_id FROM replaced UNION SELECT session_id FROM renewed)
WHERE session_id IS NOT NULL AND session_id NOT IN (SELECT id FROM touched_sessions);
