-- Make the rows of the touched runs and sessions anew. `touched_runs` and `touched_sessions`
-- are closed: a session any of the runs carries is in, and the other way round.
CREATE OR REPLACE TEMP TABLE facts AS
SELECT
    id, time, kind, agent, run_id, session_id, project, developer, branch, outcome,
    tool_call_id, cost_micros, cost_basis,
    attributes['stop_limit'] AS stop_limit,
    try_cast(attributes['turns'] AS BIGINT) AS turns
FROM events
WHERE {of_touched};

CREATE OR REPLACE TEMP TABLE supervised AS
SELECT
    run_id,
    coalesce(min(CASE WHEN kind = 'run_started' THEN time END), min(time)) AS started_at,
    max(CASE WHEN kind = 'run_ended' THEN time END) AS ended_at,
    arg_min(agent, (time, id)) AS agent
FROM facts
WHERE kind IN ('run_started', 'run_ended') AND run_id IS NOT NULL
GROUP BY run_id;

-- A session that several runs resumed is cut where each of them starts.
CREATE OR REPLACE TEMP TABLE carried AS
WITH pairs AS (
    SELECT DISTINCT f.session_id, f.run_id, s.started_at
    FROM facts AS f JOIN supervised AS s ON s.run_id = f.run_id
    WHERE f.session_id IS NOT NULL
)
SELECT
    session_id, run_id,
    CASE
        WHEN row_number() OVER turns = 1 THEN TIMESTAMP '1900-01-01 00:00:00' ELSE started_at
    END AS since,
    coalesce(lead(started_at) OVER turns, TIMESTAMP '2299-12-31 00:00:00') AS until
FROM pairs
WINDOW turns AS (PARTITION BY session_id ORDER BY started_at, run_id);

CREATE OR REPLACE TEMP TABLE owned_requests AS
SELECT coalesce(s.supervised_run, r.carrier, q.session_id) AS owner,
    q.key, q.time, q.model, q.project, q.developer, q.branch, q.input, q.cache_read,
    q.cache_write_5m, q.cache_write_1h, q.output, q.reasoning, q.web_searches, q.cost_micros,
    q.cost_basis
FROM requests AS q
LEFT JOIN (SELECT run_id AS supervised_run FROM supervised) AS s ON s.supervised_run = q.run_id
LEFT JOIN (SELECT session_id AS carries, run_id AS carrier, since, until FROM carried) AS r
    ON r.carries = q.session_id AND q.time >= r.since AND q.time < r.until
WHERE {asked};

CREATE OR REPLACE TEMP TABLE renewed_runs AS
WITH owned AS (
    SELECT coalesce(s.supervised_run, r.carrier, f.session_id) AS owner, f.*
    FROM facts AS f
    LEFT JOIN (SELECT run_id AS supervised_run FROM supervised) AS s
        ON s.supervised_run = f.run_id
    LEFT JOIN (SELECT session_id AS carries, run_id AS carrier, since, until FROM carried) AS r
        ON r.carries = f.session_id AND f.time >= r.since AND f.time < r.until
),
told AS (
    SELECT
        owner,
        arg_min(agent, (time, id)) AS agent,
        min(time) AS first_at,
        max(time) AS last_at,
        arg_min(project, (time, id)) AS project,
        arg_min(developer, (time, id)) AS developer,
        arg_min(branch, (time, id)) AS branch,
        arg_max(outcome, (time, id)) FILTER (WHERE kind = 'run_ended') AS outcome,
        arg_max(stop_limit, (time, id)) FILTER (WHERE kind = 'run_ended') AS stop_limit,
        max(turns) FILTER (WHERE kind = 'run_ended') AS turns,
        count(DISTINCT coalesce(tool_call_id, id)) FILTER (WHERE kind = 'tool_call') AS tool_calls,
        count(DISTINCT coalesce(tool_call_id, id)) FILTER (
            WHERE kind = 'error' OR (kind = 'tool_result' AND outcome = 'error')) AS errors,
        arg_max(cost_micros, (time, id)) FILTER (WHERE kind = 'run_ended') AS cost_micros,
        arg_max(cost_basis, (time, id)) FILTER (WHERE kind = 'run_ended') AS cost_basis
    FROM owned
    WHERE owner IS NOT NULL
    GROUP BY owner
),
used AS (
    SELECT
        owner,
        count(*) AS requests,
        count(cost_micros) AS priced,
        arg_min(project, (time, key)) AS project,
        arg_min(developer, (time, key)) AS developer,
        arg_min(branch, (time, key)) AS branch,
        sum(input) AS input,
        sum(cache_read) AS cache_read,
        sum(cache_write_5m) AS cache_write_5m,
        sum(cache_write_1h) AS cache_write_1h,
        sum(output) AS output,
        sum(reasoning) AS reasoning,
        sum(web_searches) AS web_searches,
        sum(cost_micros) AS cost_micros,
        bool_and(cost_basis = 'reported') AS reported
    FROM owned_requests
    WHERE owner IS NOT NULL
    GROUP BY owner
),
named AS (
    SELECT owner, list(model ORDER BY first_at, model) AS models
    FROM (
        SELECT owner, model, min(time) AS first_at
        FROM owned_requests WHERE owner IS NOT NULL AND model IS NOT NULL
        GROUP BY owner, model)
    GROUP BY owner
)
SELECT
    t.owner AS run_id,
    coalesce(s.agent, t.agent) AS agent,
    s.run_id IS NULL AS observed,
    coalesce(s.started_at, t.first_at) AS started_at,
    CASE WHEN s.run_id IS NULL THEN t.last_at ELSE s.ended_at END AS ended_at,
    t.outcome, t.stop_limit,
    coalesce(t.project, u.project) AS project,
    coalesce(t.developer, u.developer) AS developer,
    coalesce(t.branch, u.branch) AS branch,
    coalesce(n.models, []) AS models,
    t.turns,
    coalesce(u.requests, 0) AS requests,
    t.tool_calls, t.errors,
    coalesce(u.input, 0) AS input,
    coalesce(u.cache_read, 0) AS cache_read,
    coalesce(u.cache_write_5m, 0) AS cache_write_5m,
    coalesce(u.cache_write_1h, 0) AS cache_write_1h,
    coalesce(u.output, 0) AS output,
    coalesce(u.reasoning, 0) AS reasoning,
    coalesce(u.web_searches, 0) AS web_searches,
    CASE WHEN u.requests IS NULL THEN t.cost_micros ELSE u.cost_micros END AS cost_micros,
    CASE
        WHEN u.requests IS NULL THEN coalesce(t.cost_basis, 'unpriced')
        WHEN u.priced < u.requests THEN 'unpriced'
        WHEN u.reported THEN 'reported'
        ELSE 'priced'
    END AS cost_basis
FROM told AS t
LEFT JOIN supervised AS s ON s.run_id = t.owner
LEFT JOIN used AS u ON u.owner = t.owner
LEFT JOIN named AS n ON n.owner = t.owner;
