-- Put the rows made anew in the place of those of the touched runs and sessions.
DELETE FROM run_sessions
WHERE session_id IN (SELECT id FROM touched_sessions)
    OR run_id IN (SELECT id FROM touched_runs);
INSERT INTO run_sessions BY NAME SELECT * FROM carried;
DELETE FROM runs
WHERE run_id IN (SELECT id FROM touched_runs) OR run_id IN (SELECT id FROM touched_sessions);
INSERT INTO runs BY NAME SELECT * FROM renewed_runs;
