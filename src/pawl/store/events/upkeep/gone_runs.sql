-- Of the touched runs and sessions, forget those that nothing is left of; the others stay touched.
-- What is left is looked for among the few that are touched, never the other way round.
CREATE OR REPLACE TEMP TABLE gone_runs AS
SELECT id FROM touched_runs
EXCEPT
SELECT run_id FROM events WHERE run_id IN (SELECT id FROM touched_runs)
EXCEPT
SELECT run_id FROM requests WHERE run_id IN (SELECT id FROM touched_runs);
CREATE OR REPLACE TEMP TABLE gone_sessions AS
SELECT id FROM touched_sessions
EXCEPT
SELECT session_id FROM events WHERE session_id IN (SELECT id FROM touched_sessions)
EXCEPT
SELECT session_id FROM requests WHERE session_id IN (SELECT id FROM touched_sessions);
DELETE FROM touched_runs WHERE id IN (SELECT id FROM gone_runs);
DELETE FROM touched_sessions WHERE id IN (SELECT id FROM gone_sessions);
DELETE FROM run_sessions
WHERE session_id IN (SELECT id FROM gone_sessions) OR run_id IN (SELECT id FROM gone_runs);
DELETE FROM runs
WHERE run_id IN (SELECT id FROM gone_runs) OR run_id IN (SELECT id FROM gone_sessions);
