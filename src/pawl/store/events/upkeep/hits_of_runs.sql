-- Rows of the touched runs and sessions by number, for the same reason as in hits_of_requests.sql.
CREATE OR REPLACE TEMP TABLE fact_hits AS
SELECT rowid AS number FROM events WHERE run_id IN (SELECT id FROM touched_runs)
UNION
SELECT rowid AS number FROM events WHERE session_id IN (SELECT id FROM touched_sessions);
CREATE OR REPLACE TEMP TABLE owned_hits AS
SELECT rowid AS number FROM requests WHERE run_id IN (SELECT id FROM touched_runs)
UNION
SELECT rowid AS number FROM requests WHERE session_id IN (SELECT id FROM touched_sessions);
