-- Revert zero_admin:outbox from pg

BEGIN;

SELECT zero_admin.change_reverted('outbox');
DROP FUNCTION zero_admin.enqueue_event(uuid, text, jsonb, text, text, text);
DROP FUNCTION zero_admin.enqueue_event(uuid, text, json, text, text, text);
DROP FUNCTION zero_admin.enqueue_event(uuid, text, text, text, text, text);
DROP FUNCTION zero_admin.enqueue_events(uuid[], text[], text[], text[], text[], text[]);
DROP FUNCTION zero_admin.refuse_payload(integer, bigint);
DROP FUNCTION zero_admin.max_payload_bytes();
DROP VIEW zero_admin.event_outbox;
DROP TABLE zero_admin.processed_events, zero_admin.dead_letters, zero_admin.outbox_done, zero_admin.outbox_queue, zero_admin.outbox_events;
DROP DOMAIN zero_admin.event_type_label, zero_admin.schema_version_label, zero_admin.idempotency_key_label, zero_admin.trace_id_label;
DROP FUNCTION zero_admin.ring_bell();
DROP FUNCTION zero_admin.first_ring(text);
DROP FUNCTION zero_admin.uuid_v7();

COMMIT;
