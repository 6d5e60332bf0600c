-- Deploy zero_admin:outbox_insert to pg
-- requires: outbox
-- The original application writes its events by INSERT INTO event_outbox. That goes on working, as an INSERT does: with the id
-- that it names, and with 23505 for a key that is taken. Nobody else is granted it: enqueue_event() is the way to write.

BEGIN;

CREATE FUNCTION zero_admin.insert_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(NEW.status, 'pending') <> 'pending' THEN
        RAISE EXCEPTION 'an event is enqueued as pending, not as %', left(NEW.status, 32)
            USING ERRCODE = 'feature_not_supported', HINT = 'Leave status out.';
    END IF;
    IF octet_length(NEW.payload_json::text) > zero_admin.max_payload_bytes() THEN
        PERFORM zero_admin.refuse_payload(octet_length(NEW.payload_json::text), 1);
    END IF;
    NEW.id := coalesce(NEW.id, zero_admin.uuid_v7());
    NEW.status := 'pending';
    NEW.schema_version := coalesce(NEW.schema_version, '1.0');
    NEW.idempotency_key := coalesce(NEW.idempotency_key, NEW.id::text);
    NEW.created_at := coalesce(NEW.created_at, clock_timestamp());
    NEW.next_attempt_at := coalesce(NEW.next_attempt_at, NEW.created_at);
    INSERT INTO zero_admin.outbox_events (id, tenant_id, created_at, event_type, schema_version, idempotency_key, trace_id, payload)
    VALUES (NEW.id, NEW.tenant_id, NEW.created_at, NEW.event_type, NEW.schema_version, NEW.idempotency_key, NEW.trace_id, NEW.payload_json);
    INSERT INTO zero_admin.outbox_queue (id, tenant_id, due_at, event_type)
    VALUES (NEW.id, NEW.tenant_id, NEW.next_attempt_at, NEW.event_type);
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION zero_admin.insert_event() FROM PUBLIC;

CREATE TRIGGER event_outbox_insert INSTEAD OF INSERT ON zero_admin.event_outbox FOR EACH ROW EXECUTE FUNCTION zero_admin.insert_event();
COMMENT ON VIEW zero_admin.event_outbox IS 'Every event with its state. An INSERT enqueues; better call enqueue_event(). Nothing else can be written.';

SELECT zero_admin.change_deployed('outbox_insert');

COMMIT;
