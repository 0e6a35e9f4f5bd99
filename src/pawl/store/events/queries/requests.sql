-- The payer's telling of each request of a run, by the same rule as in timeline.sql.
SELECT e.*
FROM events AS e
WHERE e.id IN (
    SELECT q.payer FROM requests AS q WHERE q.run_id = $run_id
    UNION ALL
    SELECT q.payer
    FROM requests AS q
    JOIN run_sessions AS s ON s.session_id = q.session_id
    LEFT JOIN runs AS r ON r.run_id = q.run_id AND NOT r.observed
    WHERE q.session_id IN (SELECT session_id FROM run_sessions WHERE run_id = $run_id)
        AND s.run_id = $run_id AND q.time >= s.since AND q.time < s.until AND r.run_id IS NULL
    UNION ALL
    SELECT q.payer
    FROM requests AS q
    LEFT JOIN run_sessions AS s ON s.session_id = q.session_id
    LEFT JOIN runs AS r ON r.run_id = q.run_id AND NOT r.observed
    WHERE q.session_id = $run_id AND s.session_id IS NULL AND r.run_id IS NULL)
ORDER BY e.time, e.id
LIMIT $limit OFFSET $offset
