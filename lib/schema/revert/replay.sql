-- Revert zero_admin:replay from pg

BEGIN;

SELECT zero_admin.change_reverted('replay');
COMMENT ON TABLE zero_admin.outbox_events IS 'What was enqueued, to the byte. Written by enqueue_event() only, never updated.';
DROP INDEX zero_admin.ops_audit_dead_letter;
DROP INDEX zero_admin.dead_letters_open;
CREATE INDEX dead_letters_open ON zero_admin.dead_letters (failed_at) WHERE resolved_at IS NULL;
DROP TABLE zero_admin.replay_state;

COMMIT;
