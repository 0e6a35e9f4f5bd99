-- The requests that `observed` tells of, by the rule of pawl.telemetry.reconcile: who it
-- belongs to (keyed), the best and the earliest observation of each source (kept), then one
-- row a request. `worth` 1 pays, `age` 1 says when, `credit` orders who says where. A request that
-- one observation tells of needs none of that. How long a request took is the longest that anyone
-- told: whoever saw a part of it tells less.
CREATE OR REPLACE TEMP TABLE keyed AS
WITH marked AS (
    SELECT *, request_id IS NOT NULL AND NOT (side AND message_id IS NOT NULL) AS named
    FROM observed
),
links AS (
    SELECT message_id AS about, min(request_id) AS request
    FROM marked WHERE named AND message_id IS NOT NULL GROUP BY message_id
),
aliases AS (
    SELECT message_id AS about, min(request_id) AS request
    FROM marked
    WHERE NOT named AND request_id IN (SELECT request_id FROM marked WHERE named)
    GROUP BY message_id
)
-- One equality a join: with a second condition beside it the engine compares all with all.
SELECT
    CASE
        WHEN named THEN m.request_id
        ELSE coalesce(l.request, a.request, 'message:' || m.message_id, 'event:' || m.id)
    END AS key,
    m.*
FROM marked AS m
LEFT JOIN links AS l ON l.about = CASE WHEN NOT m.named THEN m.message_id END
LEFT JOIN aliases AS a ON a.about = CASE WHEN NOT m.named THEN m.message_id END;

CREATE OR REPLACE TEMP TABLE shared AS
SELECT key, max(duration_ms) AS duration_ms FROM keyed GROUP BY key HAVING count(*) > 1;

CREATE OR REPLACE TEMP TABLE kept AS
WITH ordered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY key ORDER BY
            told DESC, final DESC, rank, output DESC, time, input DESC, cache_read DESC,
            cache_write_5m DESC, cache_write_1h DESC, web_searches DESC, reasoning DESC,
            agent, coalesce(model, ''), coalesce(session_id, ''), place, coalesce(repo, ''),
            coalesce(branch, ''), coalesce(developer, ''), id, coalesce(reported_micros, -1)
        ) AS worth,
        row_number() OVER (PARTITION BY key ORDER BY
            time, copied, side,
            agent, coalesce(model, ''), coalesce(session_id, ''), place, coalesce(repo, ''),
            coalesce(branch, ''), coalesce(developer, ''), id, coalesce(reported_micros, -1),
            final DESC, output DESC
        ) AS age
    FROM keyed
    WHERE key IN (SELECT key FROM shared)
),
chosen AS (
    SELECT
        *,
        min(worth) OVER (PARTITION BY key, rank, agent) AS best,
        min(age) OVER (PARTITION BY key, rank, agent) AS earliest
    FROM ordered
)
SELECT
    *,
    CASE rank WHEN 1 THEN 0 WHEN 2 THEN 1 WHEN 0 THEN 2 ELSE 3 END * CAST(1000000000 AS BIGINT)
        + age AS credit
FROM chosen
WHERE worth = best OR age = earliest;

CREATE OR REPLACE TEMP TABLE renewed AS
SELECT
    key, time, id AS payer, agent, model, run_id, session_id, project, repo, branch, developer,
    machine, told, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
    web_searches, cost_micros, cost_basis, reported_micros, duration_ms, inside AS subagent
FROM keyed
WHERE key NOT IN (SELECT key FROM shared)
UNION ALL
SELECT
    k.key,
    min(k.time) AS time,
    max(CASE WHEN worth = 1 THEN id END) AS payer,
    max(CASE WHEN worth = 1 THEN agent END) AS agent,
    max(CASE WHEN worth = 1 THEN model END) AS model,
    arg_min(run_id, credit) AS run_id,
    arg_min(session_id, credit) AS session_id,
    arg_min(project, credit) AS project,
    arg_min(repo, credit) AS repo,
    arg_min(branch, credit) AS branch,
    arg_min(developer, credit) AS developer,
    arg_min(machine, credit) AS machine,
    bool_or(worth = 1 AND told) AS told,
    max(CASE WHEN worth = 1 THEN input END) AS input,
    max(CASE WHEN worth = 1 THEN cache_read END) AS cache_read,
    max(CASE WHEN worth = 1 THEN cache_write_5m END) AS cache_write_5m,
    max(CASE WHEN worth = 1 THEN cache_write_1h END) AS cache_write_1h,
    max(CASE WHEN worth = 1 THEN output END) AS output,
    max(CASE WHEN worth = 1 THEN reasoning END) AS reasoning,
    max(CASE WHEN worth = 1 THEN web_searches END) AS web_searches,
    max(CASE WHEN worth = 1 THEN cost_micros END) AS cost_micros,
    max(CASE WHEN worth = 1 THEN cost_basis END) AS cost_basis,
    max(CASE WHEN worth = 1 THEN reported_micros END) AS reported_micros,
    max(s.duration_ms) AS duration_ms,
    bool_or(worth = 1 AND inside) AS subagent
FROM kept AS k
JOIN shared AS s ON s.key = k.key
GROUP BY k.key;

CREATE OR REPLACE TEMP TABLE renewed_sources AS
SELECT key, time, source, agent, TRUE AS pays, FALSE AS disagrees
FROM keyed
WHERE key NOT IN (SELECT key FROM shared)
UNION ALL
SELECT
    k.key, r.time, k.source, k.agent,
    k.worth = 1 AS pays,
    k.worth > 1 AND k.told AND k.final
        AND (k.input <> r.input OR k.cache_read <> r.cache_read
            OR k.cache_write_5m <> r.cache_write_5m OR k.cache_write_1h <> r.cache_write_1h
            OR k.output <> r.output) AS disagrees
FROM kept AS k
JOIN renewed AS r ON r.key = k.key
WHERE k.worth = k.best;
