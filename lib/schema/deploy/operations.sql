-- Deploy zero_admin:operations to pg
-- requires: outbox

BEGIN;

-- One row for each running copy of a runner, taken over by the next copy of the same name, host
-- and instance once its process is gone. Its counters move in the transaction of the rows that they
-- count; a row for each process, because one row for all would put every commit in one queue.
CREATE TABLE zero_admin.runner_heartbeats (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    loop_at timestamptz NOT NULL DEFAULT now(),
    last_success_at timestamptz,
    loops bigint NOT NULL DEFAULT 0,
    attempts_total bigint NOT NULL DEFAULT 0,
    done_total bigint NOT NULL DEFAULT 0,
    failures_total bigint NOT NULL DEFAULT 0,
    dead_total bigint NOT NULL DEFAULT 0,
    duration_ms_sum bigint NOT NULL DEFAULT 0,
    chunk_bytes_total bigint NOT NULL DEFAULT 0,
    backlog bigint NOT NULL DEFAULT 0,
    pid integer NOT NULL,
    name text NOT NULL,
    host text NOT NULL,
    instance text NOT NULL DEFAULT '',
    state text NOT NULL CONSTRAINT runner_heartbeats_state CHECK (state IN ('running', 'stopped'))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
COMMENT ON COLUMN zero_admin.runner_heartbeats.last_success_at IS 'Last pass that completed work, or found none due.';
COMMENT ON COLUMN zero_admin.runner_heartbeats.backlog IS 'Events due at the last pass, counted up to 1000.';
CREATE INDEX runner_heartbeats_instance ON zero_admin.runner_heartbeats (name, host, instance);

-- The state of an endpoint as all publishers see it. No row means closed.
CREATE TABLE zero_admin.delivery_breakers (
    endpoint bigint PRIMARY KEY,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    probe_at timestamptz,
    probe_tenant uuid,
    probe_cursor uuid,
    probe_ms integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'closed' CONSTRAINT delivery_breakers_state CHECK (state IN ('closed', 'open')),
    host text NOT NULL,
    reason text,
    failing uuid[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);
COMMENT ON COLUMN zero_admin.delivery_breakers.endpoint IS 'First eight bytes of the SHA-256 of the URL: the URL itself may hold a secret.';
COMMENT ON COLUMN zero_admin.delivery_breakers.failing IS 'Distinct events that failed at the endpoint since it last accepted one.';
COMMENT ON COLUMN zero_admin.delivery_breakers.probe_at IS 'While open: when the next probe may go out; moved ahead while one is on its way.';

CREATE TABLE zero_admin.ops_audit (
    id uuid PRIMARY KEY DEFAULT zero_admin.uuid_v7(),
    run_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    dead_letter_id uuid,
    event_id uuid,
    os_uid integer,
    kind text NOT NULL CONSTRAINT ops_audit_kind CHECK (kind IN ('run', 'item')),
    actor_hash text NOT NULL,
    key_id text NOT NULL,
    host text NOT NULL,
    os_user text,
    action text NOT NULL,
    outcome text,
    cause text NOT NULL,
    filter json,
    counts json
);
COMMENT ON COLUMN zero_admin.ops_audit.actor_hash IS 'HMAC-SHA256 of the token of whoever acted, hexadecimal; never the token.';
COMMENT ON COLUMN zero_admin.ops_audit.key_id IS 'Which key made the hash: first 8 hexadecimal digits of the SHA-256 of AUDIT_HMAC_KEY.';
CREATE INDEX ops_audit_at ON zero_admin.ops_audit (at);
-- What a run is told about; its items are many, and each looks for it.
CREATE UNIQUE INDEX ops_audit_run ON zero_admin.ops_audit (run_id) WHERE kind = 'run';

GRANT SELECT ON zero_admin.runner_heartbeats, zero_admin.delivery_breakers TO zero_admin_runner, zero_admin_watcher, zero_admin_operator;
GRANT INSERT, UPDATE ON zero_admin.runner_heartbeats, zero_admin.delivery_breakers TO zero_admin_runner;
GRANT SELECT, INSERT, UPDATE, DELETE ON zero_admin.ops_audit TO zero_admin_operator;
GRANT UPDATE, DELETE ON zero_admin.runner_heartbeats TO zero_admin_operator;

SELECT zero_admin.change_deployed('operations');

COMMIT;
