-- The calls of tools that these facts tell of, each once, whoever told of it. Each column is the
-- least or the greatest of what was told, so that rows merge in any order and a fact told again
-- changes nothing. A call is first seen at `time`; `wrong_at` is when it was last told to have
-- failed or to have been denied.
CREATE OR REPLACE TEMP TABLE renewed_calls AS
SELECT
    {call} AS call,
    min(time) AS time,
    max(tool) AS tool,
    max(agent) AS agent,
    max(project) AS project,
    max(repo) AS repo,
    max(session_id) AS session_id,
    max(run_id) AS run_id,
    min(CASE WHEN kind = 'tool_call' THEN time END) AS began,
    max(CASE WHEN kind = 'tool_result' THEN time END) AS ended,
    max(CASE WHEN kind = 'tool_result' THEN duration_ms END) AS told_ms,
    max(CASE WHEN kind = 'span' THEN duration_ms END) AS span_ms,
    max(CASE WHEN kind = 'tool_denied' OR (kind = 'tool_result' AND outcome = 'error')
        THEN time END) AS wrong_at,
    bool_or(kind = 'tool_result' AND coalesce(outcome, '') <> 'error') AS answered,
    bool_or(kind = 'tool_result' AND coalesce(outcome, '') = 'error') AS failed,
    bool_or(kind = 'tool_denied') AS denied
FROM {of_calls}
GROUP BY {call};

-- The errors and refusals of requests alike.
CREATE OR REPLACE TEMP TABLE renewed_failures AS
SELECT
    coalesce(request_id, id) AS key,
    kind,
    min(time) AS time,
    max(agent) AS agent,
    max(model) AS model,
    max(project) AS project
FROM {of_failures}
GROUP BY coalesce(request_id, id), kind;
