-- stage_sides
-- What the content of a change served since a stage began, and what else the same projects served
-- in the base's window: each request and tool call once, as telemetry told of it. Costs are in
-- hundreds of micro-USD and durations in milliseconds, both with a most, so that no square of one
-- leaves 64 bits.
WITH told AS (
    SELECT
        CASE WHEN coalesce(b.attributes['change'], '') = $change
            OR coalesce(b.attributes['change_digest'], '') = $digest
            THEN 'stage' ELSE 'base' END AS side,
        b.time AS time, b.kind AS kind, coalesce(b.project, '') AS project,
        b.session_id AS session_id, coalesce(b.request_id, b.message_id, b.id) AS request,
        coalesce(b.tool_call_id, b.id) AS call, b.outcome AS outcome,
        CASE WHEN b.duration_ms > 600000 THEN 600000 WHEN b.duration_ms < 0 THEN 0
            ELSE b.duration_ms END AS took,
        CASE WHEN coalesce(b.cost_micros, b.reported_micros) > 100000000 THEN 1000000
            WHEN coalesce(b.cost_micros, b.reported_micros) < 0 THEN 0
            ELSE coalesce(b.cost_micros, b.reported_micros) // 100 END AS cost
    FROM events AS b
    WHERE b.source = 'telemetry' AND b.kind IN ('request', 'error', 'refusal', 'tool_result')
        AND (b.time >= $since AND b.time < $until
            OR b.time >= $base_since AND b.time < $base_until)
),
chosen AS (
    SELECT * FROM told
    WHERE side = 'stage' AND time >= $since AND time < $until
    UNION ALL
    SELECT * FROM told
    WHERE side = 'base' AND time >= $base_since AND time < $base_until
        AND project IN (
            SELECT project FROM told WHERE side = 'stage' AND time >= $since AND time < $until)
),
asked AS (
    SELECT side, request,
        max(CASE WHEN kind = 'error' THEN 1 ELSE 0 END) AS failed,
        max(CASE WHEN kind = 'refusal' THEN 1 ELSE 0 END) AS refused,
        max(CASE WHEN kind = 'request' THEN took END) AS took,
        max(CASE WHEN kind = 'request' THEN cost END) AS cost
    FROM chosen
    WHERE kind <> 'tool_result'
    GROUP BY side, request
),
called AS (
    SELECT side, call, max(CASE WHEN outcome = 'error' THEN 1 ELSE 0 END) AS failed
    FROM chosen
    WHERE kind = 'tool_result' AND outcome IS NOT NULL
    GROUP BY side, call
),
sums AS (
    SELECT side, 0 AS sessions, count(*) AS requests, sum(failed) AS failed_requests,
        sum(refused) AS refused_requests, 0 AS calls, 0 AS failed_calls,
        count(cost) AS priced, coalesce(sum(cost), 0) AS cost,
        coalesce(sum(cost * cost), 0) AS cost_squares,
        count(took) AS timed, coalesce(sum(took), 0) AS took,
        coalesce(sum(took * took), 0) AS took_squares
    FROM asked GROUP BY side
    UNION ALL
    SELECT side, 0, 0, 0, 0, count(*), sum(failed), 0, 0, 0, 0, 0, 0
    FROM called GROUP BY side
    UNION ALL
    SELECT side, count(DISTINCT session_id), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM chosen GROUP BY side
)
SELECT side, sum(sessions) AS sessions, sum(requests) AS requests,
    sum(failed_requests) AS failed_requests, sum(refused_requests) AS refused_requests,
    sum(calls) AS calls, sum(failed_calls) AS failed_calls, sum(priced) AS priced,
    sum(cost) AS cost, sum(cost_squares) AS cost_squares, sum(timed) AS timed, sum(took) AS took,
    sum(took_squares) AS took_squares
FROM sums
GROUP BY side
ORDER BY side
