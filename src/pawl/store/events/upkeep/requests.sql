-- Put the renewed requests in the place of the touched ones, and recompute the hours of both.
CREATE OR REPLACE TEMP TABLE stale AS
SELECT id AS key FROM touched_requests
UNION SELECT 'message:' || id FROM touched_messages
UNION SELECT key FROM renewed;

CREATE OR REPLACE TEMP TABLE replaced AS
SELECT key, time, run_id, session_id FROM requests WHERE key IN (SELECT key FROM stale);

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

DELETE FROM requests WHERE key IN (SELECT key FROM replaced);
DELETE FROM request_sources WHERE key IN (SELECT key FROM replaced);
INSERT INTO requests BY NAME SELECT * FROM renewed;
INSERT INTO request_sources BY NAME SELECT * FROM renewed_sources;

DELETE FROM rollup WHERE time IN (SELECT time FROM touched_hours);
DELETE FROM source_rollup WHERE time IN (SELECT time FROM touched_hours);
