-- Deploy zero_admin:outbox to pg
-- requires: version
-- An event is stored in three places, by how often each is written:
--   outbox_events  what was enqueued, payload included: written once, never updated
--   outbox_queue   one slim row for each event that is not finished: claimed, renewed, retried
--   outbox_done    one slim row for each event that is finished
-- So a claim never rewrites a payload, and the table that is updated all the time stays as
-- small as the work that is left, whatever was delivered before.

BEGIN;

-- Time-ordered (RFC 9562, version 7): neighbours in time are neighbours in the index.
CREATE FUNCTION zero_admin.uuid_v7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$
    SELECT pg_catalog.encode(
        pg_catalog.set_bit(pg_catalog.set_bit(
            overlay(pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
                PLACING substring(pg_catalog.int8send((extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint) FROM 3)
                FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid
$$;

-- Domains: PostgreSQL keeps how a domain is checked, but reads a constraint of a table anew in every statement; and what it says of a
-- wrong value does not show the rest of the row. A pattern with a bound, as in {1,128}, would take a hundred times as long.
CREATE DOMAIN zero_admin.event_type_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 128 AND VALUE !~ '[[:cntrl:]]');
CREATE DOMAIN zero_admin.schema_version_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 16 AND VALUE !~ '[[:cntrl:]]');
CREATE DOMAIN zero_admin.idempotency_key_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 128 AND VALUE !~ '[[:cntrl:]]');
CREATE DOMAIN zero_admin.trace_id_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 64 AND VALUE !~ '[[:cntrl:]]');

CREATE TABLE zero_admin.outbox_events (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event_type zero_admin.event_type_label NOT NULL,
    schema_version zero_admin.schema_version_label NOT NULL,
    idempotency_key zero_admin.idempotency_key_label NOT NULL,
    trace_id zero_admin.trace_id_label,
    payload json NOT NULL,
    CONSTRAINT outbox_events_key UNIQUE (tenant_id, idempotency_key, event_type)
) WITH (
    -- Append and, by outbox-prune, delete: freeze early, vacuum in steady small portions.
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_vacuum_scale_factor = 0.02
);
COMMENT ON TABLE zero_admin.outbox_events IS 'What was enqueued, to the byte. Written by enqueue_event() only, never updated.';

CREATE TABLE zero_admin.outbox_queue (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until timestamptz,
    lease_token uuid,
    last_attempt_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempt_count integer NOT NULL DEFAULT 0,
    replay_count integer NOT NULL DEFAULT 0,
    lease_alone boolean NOT NULL DEFAULT false,
    event_type text NOT NULL,
    lease_owner text,
    last_error text,
    CONSTRAINT outbox_queue_lease CHECK (lease_token IS NULL OR lease_until IS NOT NULL)
) WITH (
    -- Room in its page for each row to be claimed in place (HOT): a claim touches no index. No index may name what a claim writes.
    fillfactor = 40,
    -- A queue turns over completely many times an hour: vacuum by number, not by share.
    autovacuum_vacuum_scale_factor = 0.0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.0,
    autovacuum_analyze_threshold = 5000
);
COMMENT ON TABLE zero_admin.outbox_queue IS 'One row for each event that is not finished.';
COMMENT ON COLUMN zero_admin.outbox_queue.due_at IS 'When the event may go out. Kept while leased and when an attempt is given back, so that lag is told truly.';
COMMENT ON COLUMN zero_admin.outbox_queue.lease_until IS 'Null: free. In the future: leased. In the past: its holder vanished (or stopped with it in suspicion), and it is claimed alone.';
COMMENT ON COLUMN zero_admin.outbox_queue.lease_alone IS 'The lease covers this row alone: if it expires, the row is charged.';

-- Free rows and leased ones: those who look for the free read past what others hold, which is no more than they hold at a time.
CREATE INDEX outbox_queue_due ON zero_admin.outbox_queue (event_type, due_at);

CREATE TABLE zero_admin.outbox_done (
    id uuid PRIMARY KEY,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    endpoint bigint,
    attempt_count integer NOT NULL,
    replay_count integer NOT NULL,
    status text NOT NULL CONSTRAINT outbox_done_status CHECK (status IN ('sent', 'failed', 'dlq')),
    last_error text
) WITH (
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_vacuum_scale_factor = 0.02
);
COMMENT ON TABLE zero_admin.outbox_done IS 'One row for each finished event.';
COMMENT ON COLUMN zero_admin.outbox_done.endpoint IS 'Which endpoint took it (delivery_breakers.endpoint); null for stdout and for events of the worker.';
CREATE INDEX outbox_done_at ON zero_admin.outbox_done (done_at);

CREATE VIEW zero_admin.event_outbox AS
    SELECT e.id, e.tenant_id, e.event_type, e.schema_version, e.idempotency_key, e.trace_id,
           e.payload AS payload_json,
           CASE WHEN q.lease_token IS NULL THEN 'pending' ELSE 'processing' END AS status,
           q.attempt_count, q.replay_count,
           CASE WHEN q.lease_token IS NULL THEN q.due_at ELSE q.lease_until END AS next_attempt_at,
           q.lease_token, q.lease_owner, q.last_error, e.created_at, q.updated_at, NULL::timestamptz AS sent_at
      FROM zero_admin.outbox_queue q JOIN zero_admin.outbox_events e USING (id)
    UNION ALL
    SELECT e.id, e.tenant_id, e.event_type, e.schema_version, e.idempotency_key, e.trace_id,
           e.payload, d.status, d.attempt_count, d.replay_count, NULL, NULL, NULL, d.last_error,
           e.created_at, d.done_at, CASE WHEN d.status = 'sent' THEN d.done_at END
      FROM zero_admin.outbox_done d JOIN zero_admin.outbox_events e USING (id);
COMMENT ON VIEW zero_admin.event_outbox IS 'Every event with its state. Read only: events are written by enqueue_event().';

CREATE TABLE zero_admin.dead_letters (
    id uuid PRIMARY KEY DEFAULT zero_admin.uuid_v7(),
    event_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event_created_at timestamptz NOT NULL,
    resolved_at timestamptz,
    attempt_count integer NOT NULL,
    generation integer NOT NULL,
    event_type text NOT NULL,
    schema_version text NOT NULL,
    idempotency_key text NOT NULL,
    trace_id text,
    reason text NOT NULL,
    last_error text,
    resolution text CONSTRAINT dead_letters_resolution CHECK (resolution IN ('replayed', 'discarded')),
    payload_json json NOT NULL,
    CONSTRAINT dead_letters_once UNIQUE (event_id, generation),
    CONSTRAINT dead_letters_resolved CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
COMMENT ON TABLE zero_admin.dead_letters IS 'Events whose retries are used up, each with its own copy; resolved by dlq-replay, never deleted by it.';
COMMENT ON COLUMN zero_admin.dead_letters.generation IS 'How often the event had been replayed when it died.';
CREATE INDEX dead_letters_open ON zero_admin.dead_letters (failed_at) WHERE resolved_at IS NULL;
CREATE INDEX dead_letters_resolved_at ON zero_admin.dead_letters (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE zero_admin.processed_events (
    tenant_id uuid NOT NULL,
    event_type text NOT NULL,
    idempotency_key text NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    generation integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, event_type, idempotency_key, generation)
);
COMMENT ON TABLE zero_admin.processed_events IS 'What inbox-work has completed: the reason why a second delivery has no second effect.';
COMMENT ON COLUMN zero_admin.processed_events.generation IS 'How often the event had been replayed: a replay is processed again.';

-- Rings for a runner that waits for work, and for nobody else.
--
-- NOTIFY takes a lock of the whole cluster at commit, so a producer pays it only while
-- somebody sleeps. Who sleeps cannot be read from a table: a snapshot of an open transaction
-- does not see it, a serializable one fails with 40001 for having looked, and a row outlives
-- its writer. Advisory locks are outside of snapshots and end with their session:
--   (730217, 2 * bell)      held in share mode by every sleeping runner
--   (730217, 2 * bell + 1)  held in share mode by a producer from here until its commit is
--                           visible; a runner takes it once, exclusively, after it has declared
--                           itself asleep, and looks for work once more after that
-- The trigger is deferred to the commit, so the second lock is held for the length of a commit.
CREATE FUNCTION zero_admin.ring_bell() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    bell integer := CASE WHEN NEW.event_type = 'InboxItemValidated' THEN 2 ELSE 1 END;
BEGIN
    IF pg_try_advisory_xact_lock_shared(730217, 2 * bell + 1) THEN
        -- Nobody sleeps if it can be had alone; nor if it cannot even be shared, for then another producer has it alone. Shared, but
        -- not alone: with a sleeper, or a producer left between the two tries. Three times in a row it counts as a sleeper.
        FOR try IN 1 .. 3 LOOP
            IF (CASE WHEN pg_try_advisory_lock(730217, 2 * bell) THEN pg_advisory_unlock(730217, 2 * bell)
                     WHEN pg_try_advisory_lock_shared(730217, 2 * bell) THEN NOT pg_advisory_unlock_shared(730217, 2 * bell)
                     ELSE true END) THEN
                RETURN NULL;
            END IF;
        END LOOP;
    END IF;
    PERFORM pg_notify(CASE bell WHEN 2 THEN 'zero_admin_inbox' ELSE 'zero_admin_outbox' END, '');
    RETURN NULL;
END
$$;

-- True for the first row of a transaction (or savepoint) and bell: one ring is enough.
CREATE FUNCTION zero_admin.first_ring(event_type text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF event_type = 'InboxItemValidated' THEN
        IF current_setting('zero_admin.inbox_rung', true) = 'yes' THEN
            RETURN false;
        END IF;
        PERFORM set_config('zero_admin.inbox_rung', 'yes', true);
    ELSE
        IF current_setting('zero_admin.outbox_rung', true) = 'yes' THEN
            RETURN false;
        END IF;
        PERFORM set_config('zero_admin.outbox_rung', 'yes', true);
    END IF;
    RETURN true;
END
$$;

CREATE CONSTRAINT TRIGGER outbox_queue_bell AFTER INSERT ON zero_admin.outbox_queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (zero_admin.first_ring(NEW.event_type))
    EXECUTE FUNCTION zero_admin.ring_bell();

CREATE FUNCTION zero_admin.max_payload_bytes() RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(nullif(pg_catalog.current_setting('zero_admin.outbox_max_payload_bytes', true), '')::bigint, 1048576)
$$;

-- Raises; `nth` names the offender.
CREATE FUNCTION zero_admin.refuse_payload(bytes integer, nth bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'payload % has % bytes, more than the % that are allowed', nth, bytes, zero_admin.max_payload_bytes()
        USING ERRCODE = 'program_limit_exceeded',
              HINT = 'Store the content elsewhere and enqueue a reference, or raise zero_admin.outbox_max_payload_bytes.';
END
$$;

-- Enqueues many events at once; ord counts from 1 in the order given.
-- A duplicate (same tenant, key and type) changes nothing and yields the id of the first.
-- No SELECT before the INSERT: under SERIALIZABLE, having looked at keys would cost producers a 40001.
CREATE FUNCTION zero_admin.enqueue_events(
    tenants uuid[], types text[], payloads text[], keys text[], schema_versions text[], trace_ids text[]
) RETURNS TABLE (ord bigint, event_id uuid, duplicate boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids uuid[];
    made uuid[];
BEGIN
    PERFORM zero_admin.refuse_payload(octet_length(u.payload), u.nth)
       FROM unnest(payloads) WITH ORDINALITY AS u(payload, nth) WHERE octet_length(u.payload) > zero_admin.max_payload_bytes();

    ids := ARRAY(SELECT zero_admin.uuid_v7() FROM generate_series(1, cardinality(payloads)));
    WITH stored AS (
        INSERT INTO zero_admin.outbox_events AS e (id, tenant_id, event_type, schema_version, idempotency_key, trace_id, payload)
        SELECT u.id, u.tenant, u.type, coalesce(u.version, '1.0'), coalesce(u.key, u.id::text), u.trace, u.payload::json
          FROM unnest(ids, tenants, types, payloads, keys, schema_versions, trace_ids)
               AS u(id, tenant, type, payload, key, version, trace)
        ON CONFLICT ON CONSTRAINT outbox_events_key DO NOTHING
        RETURNING e.id, e.tenant_id, e.event_type
    ), queued AS (
        INSERT INTO zero_admin.outbox_queue (id, tenant_id, event_type)
        SELECT s.id, s.tenant_id, s.event_type FROM stored s
    )
    SELECT coalesce(array_agg(s.id), '{}') INTO made FROM stored s;

    IF cardinality(made) = cardinality(ids) THEN
        RETURN QUERY SELECT u.nth, u.id, false FROM unnest(ids) WITH ORDINALITY AS u(id, nth);
        RETURN;
    END IF;
    -- A statement of its own, so that it sees what the conflict was with.
    RETURN QUERY
    SELECT u.nth, coalesce(m.id, e.id), m.id IS NULL
      FROM ROWS FROM (unnest(ids), unnest(tenants), unnest(types), unnest(keys)) WITH ORDINALITY AS u(id, tenant, type, key, nth)
      LEFT JOIN unnest(made) AS m(id) ON m.id = u.id
      LEFT JOIN zero_admin.outbox_events e
             ON m.id IS NULL AND e.tenant_id = u.tenant AND e.idempotency_key = u.key AND e.event_type = u.type
     ORDER BY u.nth;
END
$$;

-- For the application's own transaction. payload as text or json is stored to the byte.
-- key null: no deduplication. Returns the event's id (of the first one, for a duplicate).
-- Not by way of enqueue_events(): arrays for one event would double what a call costs.
CREATE FUNCTION zero_admin.enqueue_event(
    tenant uuid, type text, payload text, key text DEFAULT NULL, schema_version text DEFAULT '1.0', trace_id text DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    new_id uuid := zero_admin.uuid_v7();
BEGIN
    IF octet_length(enqueue_event.payload) > zero_admin.max_payload_bytes() THEN
        PERFORM zero_admin.refuse_payload(octet_length(enqueue_event.payload), 1);
    END IF;
    INSERT INTO zero_admin.outbox_events (id, tenant_id, event_type, schema_version, idempotency_key, trace_id, payload)
    VALUES (new_id, enqueue_event.tenant, enqueue_event.type, coalesce(enqueue_event.schema_version, '1.0'),
            coalesce(enqueue_event.key, new_id::text), enqueue_event.trace_id, enqueue_event.payload::json)
    ON CONFLICT ON CONSTRAINT outbox_events_key DO NOTHING;
    IF NOT FOUND THEN
        RETURN (SELECT e.id FROM zero_admin.outbox_events e
                 WHERE e.tenant_id = enqueue_event.tenant AND e.idempotency_key = enqueue_event.key AND e.event_type = enqueue_event.type);
    END IF;
    INSERT INTO zero_admin.outbox_queue (id, tenant_id, event_type) VALUES (new_id, enqueue_event.tenant, enqueue_event.type);
    RETURN new_id;
END
$$;

CREATE FUNCTION zero_admin.enqueue_event(
    tenant uuid, type text, payload json, key text DEFAULT NULL, schema_version text DEFAULT '1.0', trace_id text DEFAULT NULL
) RETURNS uuid
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT zero_admin.enqueue_event(tenant, type, payload::text, key, schema_version, trace_id)
$$;

-- jsonb has no implicit cast to json: without this, jsonb_build_object(...) would find no function.
CREATE FUNCTION zero_admin.enqueue_event(
    tenant uuid, type text, payload jsonb, key text DEFAULT NULL, schema_version text DEFAULT '1.0', trace_id text DEFAULT NULL
) RETURNS uuid
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT zero_admin.enqueue_event(tenant, type, payload::text, key, schema_version, trace_id)
$$;

REVOKE ALL ON FUNCTION
    zero_admin.enqueue_events(uuid[], text[], text[], text[], text[], text[]),
    zero_admin.enqueue_event(uuid, text, text, text, text, text),
    zero_admin.enqueue_event(uuid, text, json, text, text, text),
    zero_admin.enqueue_event(uuid, text, jsonb, text, text, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    zero_admin.enqueue_events(uuid[], text[], text[], text[], text[], text[]),
    zero_admin.enqueue_event(uuid, text, text, text, text, text),
    zero_admin.enqueue_event(uuid, text, json, text, text, text),
    zero_admin.enqueue_event(uuid, text, jsonb, text, text, text)
    TO zero_admin_application, zero_admin_runner, zero_admin_operator;

GRANT SELECT ON zero_admin.event_outbox, zero_admin.outbox_events, zero_admin.outbox_queue, zero_admin.outbox_done,
    zero_admin.dead_letters, zero_admin.processed_events
    TO zero_admin_runner, zero_admin_watcher, zero_admin_operator;
GRANT UPDATE, DELETE ON zero_admin.outbox_queue TO zero_admin_runner, zero_admin_operator;
GRANT INSERT ON zero_admin.outbox_done, zero_admin.dead_letters, zero_admin.processed_events TO zero_admin_runner;
GRANT INSERT ON zero_admin.outbox_events, zero_admin.outbox_queue TO zero_admin_operator;
GRANT UPDATE ON zero_admin.dead_letters TO zero_admin_operator;
GRANT DELETE ON zero_admin.outbox_events, zero_admin.outbox_done, zero_admin.dead_letters, zero_admin.processed_events TO zero_admin_operator;
-- Row locks ask for it.
GRANT UPDATE ON zero_admin.outbox_done TO zero_admin_operator;

SELECT zero_admin.change_deployed('outbox');

COMMIT;
