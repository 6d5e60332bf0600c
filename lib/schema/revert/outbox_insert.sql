-- Revert zero_admin:outbox_insert from pg

BEGIN;

SELECT zero_admin.change_reverted('outbox_insert');
COMMENT ON VIEW zero_admin.event_outbox IS 'Every event with its state. Read only: events are written by enqueue_event().';
DROP TRIGGER event_outbox_insert ON zero_admin.event_outbox;
DROP FUNCTION zero_admin.insert_event();

COMMIT;
