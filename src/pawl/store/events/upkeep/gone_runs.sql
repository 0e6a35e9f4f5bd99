-- Of the touched runs and sessions, forget those that nothing is left of; the others stay touched.
CREATE OR REPLACE TEMP TABLE gone_runs AS
SELECT id FROM touched_runs
WHERE id NOT IN (SELECT run_id FROM events WHERE run_id IS NOT NULL)
    AND id NOT IN (SELECT run_id FROM requests WHERE run_id IS NOT NULL);
CREATE OR REPLACE TEMP TABLE gone_sessions AS
SELECT id FROM touched_sessions
WHERE id NOT IN (SELECT session_id FROM events WHERE session_id IS NOT NULL)
    AND id NOT IN (SELECT session_id FROM requests WHERE session_id IS NOT NULL);
DELETE FROM touched_runs WHERE id IN (SELECT id FROM gone_runs);
DELETE FROM touched_sessions WHERE id IN (SELECT id FROM gone_sessions);
DELETE FROM run_sessions
WHERE session_id IN (SELECT id FROM gone_sessions) OR run_id IN (SELECT id FROM gone_runs);
DELETE FROM runs
WHERE run_id IN (SELECT id FROM gone_runs) OR run_id IN (SELECT id FROM gone_sessions);
