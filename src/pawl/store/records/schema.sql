-- The tables as the newest migration leaves them, for records that are begun anew in SQLite.
-- A test holds both together. Times are canonical text, money is micro-USD, JSON is text.
-- Each table belongs to the one module that writes it: ledger to ledger.py, runs to runs.py,
-- evidence and assessments to evidence.py, ceremonies to ceremonies.py, budgets and their notices
-- to budgets.py, their reservations to reservation.py, what was observed to spend.py, timers and
-- heartbeats to timers.py, outbox to outbox.py, silences to silences.py, the other tables of alerts
-- to alerts.py; changes and components to changes.py, decisions with what they rest on, evidence,
-- attestations and drills to gate_rows.py, exceptions to exception_rows.py; rollout_intents and
-- stage_verdicts to rollouts.py; incidents, actions, postmortems, debts and learning_steps to
-- incidents.py; cadence_routines and routine_occurrences to cadence.py.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE ledger (
    seq BIGINT NOT NULL,
    prev_hash TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    actor TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    policy_digest TEXT,
    claimed_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (seq),
    CONSTRAINT ledger_prev_hash UNIQUE (prev_hash),
    CONSTRAINT ledger_idempotency_key UNIQUE (idempotency_key)
);
CREATE INDEX ledger_subject ON ledger (subject, seq);
CREATE INDEX ledger_type ON ledger (type, seq);
CREATE INDEX ledger_recorded ON ledger (recorded_at, seq);
CREATE TABLE runs (
    run_id TEXT NOT NULL,
    agent TEXT NOT NULL,
    agent_version TEXT,
    status TEXT NOT NULL,
    outcome TEXT,
    spec_digest TEXT,
    limits TEXT,
    project TEXT,
    repo TEXT,
    branch TEXT,
    "commit" TEXT,
    pr TEXT,
    workflow TEXT,
    developer TEXT,
    machine TEXT,
    started_at TEXT,
    ended_at TEXT,
    stop TEXT,
    input BIGINT,
    cache_read BIGINT,
    cache_write_5m BIGINT,
    cache_write_1h BIGINT,
    output BIGINT,
    reasoning BIGINT,
    web_searches BIGINT,
    cost_micros BIGINT,
    cost_basis TEXT,
    reported_micros BIGINT,
    session_id TEXT,
    warnings TEXT,
    stderr_tail TEXT,
    pid BIGINT,
    lock_path TEXT,
    reason TEXT,
    record TEXT,
    models TEXT,
    PRIMARY KEY (run_id)
);
CREATE INDEX runs_status ON runs (status);
CREATE INDEX runs_started ON runs (started_at);
CREATE TABLE evidence (
    batch TEXT NOT NULL,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    probe TEXT NOT NULL,
    outcome TEXT NOT NULL,
    observed_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (batch, id)
);
CREATE INDEX evidence_subject ON evidence (subject, observed_at);
CREATE TABLE assessments (
    digest TEXT NOT NULL,
    subject TEXT NOT NULL,
    as_of TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (digest)
);
CREATE INDEX assessments_subject ON assessments (subject, as_of);
CREATE TABLE ceremonies (
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    ended_at TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ceremonies_subject ON ceremonies (subject, opened_at);
CREATE TABLE budgets (
    "key" TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    raised_micros BIGINT,
    raised_until TEXT,
    changed_at TEXT NOT NULL,
    PRIMARY KEY ("key")
);
CREATE TABLE budget_reservations (
    run_id TEXT NOT NULL,
    state TEXT NOT NULL,
    amount_micros BIGINT NOT NULL,
    project TEXT,
    developer TEXT,
    agent TEXT,
    models TEXT,
    started_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT,
    PRIMARY KEY (run_id)
);
CREATE INDEX budget_reservations_state ON budget_reservations (state, started_at);
CREATE TABLE budget_notices (
    "key" TEXT NOT NULL,
    budget TEXT NOT NULL,
    who TEXT NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    percent BIGINT NOT NULL,
    spent_micros BIGINT NOT NULL,
    limit_micros BIGINT NOT NULL,
    run_id TEXT,
    noticed_at TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY ("key")
);
CREATE INDEX budget_notices_period ON budget_notices (period);
CREATE TABLE observed_spend (
    store TEXT NOT NULL,
    day TEXT NOT NULL,
    run_id TEXT NOT NULL,
    project TEXT,
    developer TEXT,
    agent TEXT,
    model TEXT,
    cost_micros BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    unpriced BIGINT NOT NULL
);
CREATE INDEX observed_spend_day ON observed_spend (day);
CREATE INDEX observed_spend_store ON observed_spend (store, day);
CREATE TABLE observed_stores (
    store TEXT NOT NULL,
    since TEXT NOT NULL,
    observed_at TEXT NOT NULL,
    PRIMARY KEY (store)
);
CREATE TABLE alerts (
    store TEXT NOT NULL,
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    level TEXT NOT NULL,
    state TEXT NOT NULL,
    since TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX alerts_state ON alerts (state, since);
CREATE TABLE alert_looks (
    store TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE TABLE alert_memory (
    store TEXT NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store)
);
CREATE TABLE alert_log (
    store TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    at TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store, alert_id, at, event)
);
CREATE INDEX alert_log_at ON alert_log (at);
CREATE TABLE silences (
    id TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    lifted_at TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX silences_ends_at ON silences (ends_at);
CREATE TABLE timers (
    name TEXT NOT NULL,
    due_at TEXT NOT NULL,
    fired_at TEXT,
    holder TEXT,
    PRIMARY KEY (name)
);
CREATE TABLE heartbeats (
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    failure TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE outbox (
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at TEXT NOT NULL,
    claimed_by TEXT,
    claimed_until TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    failure TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, channel)
);
CREATE INDEX outbox_due ON outbox (channel, state, due_at);
CREATE TABLE changes (
    id TEXT NOT NULL,
    scope TEXT NOT NULL,
    state TEXT NOT NULL,
    digest TEXT NOT NULL,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX changes_state ON changes (state, changed_at);
CREATE INDEX changes_changed ON changes (changed_at);
CREATE INDEX changes_digest ON changes (digest);
CREATE TABLE change_components (
    component TEXT NOT NULL,
    rolling TEXT NOT NULL,
    quarantine TEXT NOT NULL,
    history TEXT NOT NULL,
    PRIMARY KEY (component)
);
CREATE TABLE change_evidence (
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX change_evidence_digest ON change_evidence (digest, recorded_at);
CREATE TABLE change_attestations (
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX change_attestations_digest ON change_attestations (digest);
CREATE TABLE change_drills (
    id TEXT NOT NULL,
    component TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX change_drills_component ON change_drills (component, at);
CREATE TABLE gate_decisions (
    id TEXT NOT NULL,
    change_id TEXT NOT NULL,
    moment TEXT NOT NULL,
    at TEXT NOT NULL,
    allowed BIGINT NOT NULL,
    body TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX gate_decisions_change ON gate_decisions (change_id, at);
CREATE INDEX gate_decisions_at ON gate_decisions (at);
CREATE TABLE gate_parts (
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (digest, kind)
);
CREATE TABLE exceptions (
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    incident TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX exceptions_digest ON exceptions (digest);
CREATE INDEX exceptions_incident ON exceptions (incident);
CREATE TABLE rollout_intents (
    id TEXT NOT NULL,
    change_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    stage BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at TEXT NOT NULL,
    claimed_by TEXT,
    claimed_until TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX rollout_intents_change ON rollout_intents (change_id);
CREATE INDEX rollout_intents_due ON rollout_intents (state, due_at);
CREATE TABLE stage_verdicts (
    id TEXT NOT NULL,
    change_id TEXT NOT NULL,
    stage BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX stage_verdicts_change ON stage_verdicts (change_id, at);
CREATE TABLE tokens (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    scopes TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE TABLE sessions (
    hash TEXT NOT NULL,
    csrf TEXT NOT NULL,
    person TEXT NOT NULL,
    token TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (hash)
);
CREATE INDEX sessions_token ON sessions (token);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE TABLE kept_answers (
    principal TEXT NOT NULL,
    "key" TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    kept_until TEXT NOT NULL,
    PRIMARY KEY (principal, "key")
);
CREATE INDEX kept_answers_kept_until ON kept_answers (kept_until);
CREATE TABLE incidents (
    id TEXT NOT NULL,
    scope TEXT NOT NULL,
    state TEXT NOT NULL,
    ongoing BIGINT NOT NULL,
    severity BIGINT NOT NULL,
    domain TEXT NOT NULL,
    title TEXT NOT NULL,
    same_key TEXT NOT NULL,
    open_key TEXT,
    fingerprint TEXT NOT NULL,
    root_cause_key TEXT NOT NULL,
    declared_at TEXT NOT NULL,
    next_due_at TEXT,
    version BIGINT NOT NULL,
    changed_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX incidents_open_key ON incidents (open_key);
CREATE INDEX incidents_same_key ON incidents (same_key, declared_at);
CREATE INDEX incidents_declared ON incidents (declared_at, id);
CREATE INDEX incidents_state ON incidents (state, declared_at);
CREATE INDEX incidents_ongoing ON incidents (ongoing, severity);
CREATE INDEX incidents_due ON incidents (next_due_at);
CREATE INDEX incidents_fingerprint ON incidents (fingerprint, declared_at, id);
CREATE INDEX incidents_root_cause ON incidents (root_cause_key, declared_at, id);
CREATE INDEX incidents_version ON incidents (id, version);
CREATE TABLE actions (
    id TEXT NOT NULL,
    incident TEXT NOT NULL,
    component TEXT NOT NULL,
    state TEXT NOT NULL,
    done BIGINT NOT NULL,
    blocker BIGINT NOT NULL,
    owner TEXT NOT NULL,
    due_at TEXT NOT NULL,
    first_due_at TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX actions_incident ON actions (incident);
CREATE INDEX actions_done ON actions (done, due_at);
CREATE INDEX actions_first_due ON actions (first_due_at);
CREATE INDEX actions_owner ON actions (owner);
CREATE TABLE postmortems (
    id TEXT NOT NULL,
    incident TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT NOT NULL,
    root_cause_key TEXT NOT NULL,
    published_at TEXT,
    version BIGINT NOT NULL,
    changed_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX postmortems_incident ON postmortems (incident);
CREATE TABLE debts (
    id TEXT NOT NULL,
    root_cause_key TEXT NOT NULL,
    component TEXT NOT NULL,
    state TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX debts_state ON debts (state, last_seen_at);
CREATE TABLE learning_steps (
    "key" TEXT NOT NULL,
    incident TEXT NOT NULL,
    kind TEXT NOT NULL,
    done_at TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY ("key")
);
CREATE INDEX learning_steps_incident ON learning_steps (incident, done_at);
CREATE TABLE cadence_routines (
    id TEXT NOT NULL,
    since TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE routine_occurrences (
    id TEXT NOT NULL,
    routine TEXT NOT NULL,
    outcome TEXT NOT NULL,
    due_at TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX routine_occurrences_due ON routine_occurrences (due_at);
CREATE INDEX routine_occurrences_routine ON routine_occurrences (routine, due_at);
CREATE TABLE incident_words (
    incident TEXT NOT NULL,
    version BIGINT NOT NULL,
    paper BIGINT NOT NULL,
    way BIGINT NOT NULL,
    length BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (incident)
);
CREATE INDEX incident_words_standing ON incident_words (incident, version, paper, way, length);
CREATE TABLE incident_postings (
    word TEXT NOT NULL,
    incident TEXT NOT NULL,
    PRIMARY KEY (word, incident)
);
CREATE INDEX incident_postings_incident ON incident_postings (incident);
CREATE TABLE incident_word_counts (
    word TEXT NOT NULL,
    incidents BIGINT NOT NULL,
    PRIMARY KEY (word)
);
CREATE TABLE drill_runs (
    id TEXT NOT NULL,
    drill TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    verdict TEXT,
    planned_at TEXT NOT NULL,
    ended_at TEXT,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX drill_runs_planned ON drill_runs (planned_at);
CREATE INDEX drill_runs_drill ON drill_runs (drill, planned_at);
INSERT INTO alembic_version (version_num) VALUES ('0012');
