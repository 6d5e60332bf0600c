-- Verify zero_admin:outbox_insert on pg

DO $$
DECLARE
    inserted uuid;
BEGIN
    INSERT INTO zero_admin.event_outbox (tenant_id, event_type, payload_json, idempotency_key)
    VALUES (gen_random_uuid(), 'Verify', '{}', 'k') RETURNING id INTO inserted;
    ASSERT (SELECT count(*) = 1 FROM zero_admin.outbox_queue q JOIN zero_admin.outbox_events e USING (id) WHERE q.id = inserted), 'an INSERT does not enqueue';
    RAISE EXCEPTION USING ERRCODE = 'ZA999';
EXCEPTION
    WHEN SQLSTATE 'ZA999' THEN NULL; -- undoes the event
END
$$;
