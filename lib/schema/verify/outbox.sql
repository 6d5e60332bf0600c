-- Verify zero_admin:outbox on pg

SELECT id, tenant_id, event_type, schema_version, idempotency_key, trace_id, payload_json, status, attempt_count, replay_count,
       next_attempt_at, lease_token, lease_owner, last_error, created_at, updated_at, sent_at
  FROM zero_admin.event_outbox WHERE false;
SELECT id, event_id, tenant_id, event_type, schema_version, idempotency_key, trace_id, payload_json, reason, last_error,
       attempt_count, generation, failed_at, resolved_at, resolution
  FROM zero_admin.dead_letters WHERE false;
SELECT tenant_id, event_type, idempotency_key, processed_at FROM zero_admin.processed_events WHERE false;

DO $$
DECLARE
    tenant uuid := gen_random_uuid();
    first uuid;
BEGIN
    first := zero_admin.enqueue_event(tenant, 'Verify', '{"a": 1}', 'k');
    ASSERT first = zero_admin.enqueue_event(tenant, 'Verify', '{"a": 2}'::json, 'k'), 'a key enqueues twice';
    ASSERT (SELECT payload_json::text = '{"a": 1}' AND status = 'pending' FROM zero_admin.event_outbox WHERE id = first),
        'an event is not what was enqueued';
    RAISE EXCEPTION USING ERRCODE = 'ZA999';
EXCEPTION
    WHEN SQLSTATE 'ZA999' THEN NULL; -- undoes the event
END
$$;
