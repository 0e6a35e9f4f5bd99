-- Rows of `{table}` of some runs and sessions by number, for the reason in hits_of_requests.sql.
SELECT rowid AS number, run_id, session_id FROM {table}
WHERE run_id IN (SELECT id FROM {runs})
UNION
SELECT rowid AS number, run_id, session_id FROM {table}
WHERE session_id IN (SELECT id FROM {sessions})
