-- Every observation of the requests that `touched_requests` and `touched_messages` name, and
-- those of `fresh` that carry no id at all.
CREATE OR REPLACE TEMP TABLE observed AS
WITH told AS (
    SELECT * FROM events
    WHERE {touched} AND kind = 'request'
    UNION ALL
    SELECT * FROM fresh
    WHERE kind = 'request' AND request_id IS NULL AND message_id IS NULL
)
SELECT
    id, time, source, agent, model, request_id, message_id,
    run_id, session_id, project, repo, branch, developer, machine,
    CASE source WHEN 'transcript' THEN 0 WHEN 'run' THEN 1 WHEN 'telemetry' THEN 2 ELSE 3 END
        AS rank,
    input IS NOT NULL OR output IS NOT NULL AS told,
    coalesce(input, 0) AS input,
    coalesce(cache_read, 0) AS cache_read,
    coalesce(cache_write_5m, 0) AS cache_write_5m,
    coalesce(cache_write_1h, 0) AS cache_write_1h,
    coalesce(output, 0) AS output,
    coalesce(reasoning, 0) AS reasoning,
    coalesce(web_searches, 0) AS web_searches,
    coalesce(final, TRUE) AS final,
    coalesce(attributes['sidechain'], '') = 'true' AS side,
    coalesce(attributes['copied'], '') = 'true' AS copied,
    coalesce(nullif(project, ''), attributes['cwd'], '') AS place,
    parent_id IS NOT NULL OR coalesce(attributes['sidechain'], '') = 'true' AS inside,
    cost_micros, cost_basis, reported_micros, duration_ms
FROM told;
