-- Deploy zero_admin:replay to pg
-- requires: operations

BEGIN;

-- One row, written by the active run of dlq-replay only: its lease, and what all runs together did.
CREATE TABLE zero_admin.replay_state (
    run_id uuid,
    lease_until timestamptz,
    attempts_total bigint NOT NULL DEFAULT 0,
    committed_total bigint NOT NULL DEFAULT 0,
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT replay_state_only_row CHECK (only_row),
    host text,
    CONSTRAINT replay_state_lease CHECK ((run_id IS NULL) = (lease_until IS NULL))
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
COMMENT ON COLUMN zero_admin.replay_state.lease_until IS 'Until then no other run may begin; moved ahead in the transaction of each item.';
COMMENT ON COLUMN zero_admin.replay_state.attempts_total IS 'Dead letters that a committing replay tried, whatever came of it.';
COMMENT ON COLUMN zero_admin.replay_state.committed_total IS 'Dead letters that were replayed.';
INSERT INTO zero_admin.replay_state DEFAULT VALUES;

-- Read page by page, oldest first.
DROP INDEX zero_admin.dead_letters_open;
CREATE INDEX dead_letters_open ON zero_admin.dead_letters (failed_at, id) WHERE resolved_at IS NULL;

CREATE INDEX ops_audit_dead_letter ON zero_admin.ops_audit (dead_letter_id) WHERE dead_letter_id IS NOT NULL;

COMMENT ON TABLE zero_admin.outbox_events IS 'What was enqueued, to the byte. Written by enqueue_event(), and by dlq-replay where an event had been removed; never updated.';

GRANT SELECT ON zero_admin.replay_state TO zero_admin_runner, zero_admin_watcher, zero_admin_operator;
GRANT UPDATE ON zero_admin.replay_state TO zero_admin_operator;

SELECT zero_admin.change_deployed('replay');

COMMIT;
