-- What the rows of `fresh` name; the sets grow until they are closed.
CREATE OR REPLACE TEMP TABLE touched_runs AS
SELECT DISTINCT run_id AS id FROM fresh WHERE run_id IS NOT NULL;
CREATE OR REPLACE TEMP TABLE touched_sessions AS
SELECT DISTINCT session_id AS id FROM fresh WHERE session_id IS NOT NULL;
CREATE OR REPLACE TEMP TABLE touched_requests AS
SELECT DISTINCT request_id AS id FROM fresh WHERE kind = 'request' AND request_id IS NOT NULL;
CREATE OR REPLACE TEMP TABLE touched_messages AS
SELECT DISTINCT message_id AS id FROM fresh WHERE kind = 'request' AND message_id IS NOT NULL;
