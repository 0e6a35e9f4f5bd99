-- A run's own events; those of its sessions, while it was the newest run to carry them, that no
-- other run told; an observed session's events.
SELECT {columns}
FROM (
    SELECT e.* FROM events AS e WHERE e.run_id = $run_id
    UNION ALL
    SELECT e.*
    FROM events AS e
    JOIN run_sessions AS s ON s.session_id = e.session_id
    LEFT JOIN runs AS r ON r.run_id = e.run_id AND NOT r.observed
    -- Says the join once more, so that an engine with an index of sessions reads little.
    WHERE e.session_id IN (SELECT session_id FROM run_sessions WHERE run_id = $run_id)
        AND s.run_id = $run_id AND e.time >= s.since AND e.time < s.until AND r.run_id IS NULL
    UNION ALL
    SELECT e.*
    FROM events AS e
    LEFT JOIN run_sessions AS s ON s.session_id = e.session_id
    LEFT JOIN runs AS r ON r.run_id = e.run_id AND NOT r.observed
    WHERE e.session_id = $run_id AND s.session_id IS NULL AND r.run_id IS NULL
) AS e
{page}
