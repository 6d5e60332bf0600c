-- Deploy zero_admin:adopt_rows to pg
-- requires: adopt outbox inbox
-- Copies the rows of the original application, which `adopt` moved aside, into the tables of this schema. Theirs stay as they are.
--
--   pending, processing, anything unknown   due: since it was enqueued, or when it said it would be tried again
--   sent                                    sent
--   failed, dlq                             dlq, with a dead letter, whether the original wrote one or not
--
-- What cannot be taken as it is, and what needs a person, is listed in adoption_notes. Nothing is guessed at.

BEGIN;

-- Times without a zone are in UTC, says the original.
SET LOCAL timezone = 'UTC';

-- Nothing is known of tables that are being filled, and a guess of one row would make the matching quadratic.
SET LOCAL enable_nestloop = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL jit = off;

CREATE TABLE zero_admin.adoption_notes (
    source text NOT NULL,
    source_id text NOT NULL,
    note text NOT NULL CONSTRAINT adoption_notes_note
        CHECK (note IN ('not_copied', 'key_replaced', 'content_hash_replaced', 'payload_not_json', 'never_parsed')),
    PRIMARY KEY (source, source_id, note)
);
COMMENT ON TABLE zero_admin.adoption_notes IS 'Rows of the original application that could not be taken over as they were, or need a person.';
GRANT SELECT ON zero_admin.adoption_notes TO zero_admin_watcher, zero_admin_operator;

-- ---- reading values

-- Text that our CHECKs accept; null where nothing is left.
CREATE FUNCTION pg_temp.clean(value text, length integer) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT nullif(left(regexp_replace(value, '[[:cntrl:]]', '_', 'g'), length), '') $$;

-- A reason that is a code. Anything longer may quote what must not be printed, and stays in the original's row.
CREATE FUNCTION pg_temp.code(value text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT substring(value FROM '^[A-Za-z0-9_.:-]{1,64}$') $$;

CREATE FUNCTION pg_temp.as_uuid(value text) RETURNS uuid LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN value ~* '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$' THEN value::uuid END $$;

-- Ids that are none become one, always the same, so that references still meet.
CREATE FUNCTION pg_temp.as_id(value text) RETURNS uuid LANGUAGE sql IMMUTABLE
AS $$ SELECT coalesce(pg_temp.as_uuid(value), md5(value)::uuid) $$;

CREATE FUNCTION pg_temp.is_json(value text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    PERFORM value::json;
    RETURN true;
EXCEPTION
    WHEN invalid_text_representation THEN RETURN false;
END
$$;

-- Text that is no JSON becomes a JSON string.
CREATE FUNCTION pg_temp.as_json(value text) RETURNS json LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN pg_temp.is_json(value) THEN value::json ELSE to_json(value) END $$;

-- The same for equal contents, however they are written.
CREATE FUNCTION pg_temp.content(value json) RETURNS text LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    RETURN md5(value::jsonb::text);
EXCEPTION
    WHEN untranslatable_character THEN RETURN md5(value::text);
END
$$;

-- ---- reading either shape

-- The first of these columns that the table has, with a cast; a null of that type where it has none.
CREATE FUNCTION pg_temp.pick(source regclass, type text, VARIADIC names text[]) RETURNS text LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT quote_ident(n.name) FROM unnest(names) WITH ORDINALITY AS n(name, nth)
                       JOIN pg_attribute a ON a.attrelid = source AND a.attname = n.name AND a.attnum > 0 AND NOT a.attisdropped
                      ORDER BY n.nth LIMIT 1), 'NULL') || '::' || type
$$;

-- A column that holds ids: as it is where it is a uuid, else read by as_id or as_uuid.
CREATE FUNCTION pg_temp.pick_id(source regclass, reader text, name text) RETURNS text LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT CASE WHEN a.atttypid = 'uuid'::regtype THEN quote_ident(name) ELSE format('pg_temp.%s(%I::text)', reader, name) END
                       FROM pg_attribute a WHERE a.attrelid = source AND a.attname = name AND NOT a.attisdropped), 'NULL::uuid')
$$;

-- json is kept to the byte; text has to be read first.
CREATE FUNCTION pg_temp.pick_json(source regclass) RETURNS text LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN a.atttypid IN ('json'::regtype, 'jsonb'::regtype) THEN 'payload_json::text::json' ELSE 'pg_temp.as_json(payload_json::text)' END
      FROM pg_attribute a WHERE a.attrelid = source AND a.attname = 'payload_json'
$$;

-- The payload where it is text, to tell whether it is JSON; null where it must be.
CREATE FUNCTION pg_temp.pick_text(source regclass) RETURNS text LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN a.atttypid IN ('json'::regtype, 'jsonb'::regtype) THEN 'NULL::text' ELSE 'payload_json::text' END
      FROM pg_attribute a WHERE a.attrelid = source AND a.attname = 'payload_json'
$$;

-- read(SOURCE, TABLE, COLUMNS): the view pg_temp.their_TABLE. False where there is no such table.
CREATE FUNCTION pg_temp.read(source regclass, name text, columns text) RETURNS boolean LANGUAGE plpgsql
AS $$
BEGIN
    IF to_regclass('pg_temp.their_' || name) IS NOT NULL THEN
        EXECUTE format('DROP VIEW pg_temp.%I', 'their_' || name);
    END IF;
    IF source IS NOT NULL THEN
        EXECUTE format('CREATE TEMP VIEW %I AS SELECT %s FROM %s', 'their_' || name, columns, source);
    END IF;
    RETURN source IS NOT NULL;
END
$$;

-- ---- copying

CREATE FUNCTION pg_temp.copy_events(aside text, origin regclass) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    letters regclass := to_regclass(aside || '.dead_letters');
BEGIN
    CREATE TEMP TABLE adopted ON COMMIT DROP AS
    WITH named AS (
        SELECT e.id, e.tenant_id, e.event_type, e.given_key, e.created_at, e.status,
               row_number() OVER (PARTITION BY e.tenant_id, e.event_type, e.given_key ORDER BY e.created_at, e.id) AS nth
          FROM pg_temp.their_event_outbox e WHERE e.tenant_id IS NOT NULL
    )
    SELECT n.id, n.tenant_id, n.event_type, n.given_key, n.created_at, n.status IN ('failed', 'dlq') AS dead,
           -- Replayed rows have no key, and a key is one event's only.
           CASE WHEN n.given_key = pg_temp.clean(n.given_key, 128) AND n.nth = 1
                     AND NOT EXISTS (SELECT FROM zero_admin.outbox_events o
                                      WHERE o.tenant_id = n.tenant_id AND o.event_type = n.event_type AND o.idempotency_key = n.given_key)
                THEN n.given_key ELSE n.id::text END AS key
      FROM named n
     WHERE NOT EXISTS (SELECT FROM zero_admin.outbox_events o WHERE o.id = n.id);

    INSERT INTO zero_admin.outbox_events (id, tenant_id, created_at, event_type, schema_version, idempotency_key, trace_id, payload)
    SELECT a.id, a.tenant_id, a.created_at, a.event_type, e.schema_version, a.key, e.trace_id, e.payload
      FROM adopted a JOIN pg_temp.their_event_outbox e USING (id);

    -- A dead letter of the original does not name its event: it is found by its key or, after a replay, which took the key away, by its content.
    CREATE TEMP TABLE letter (id uuid, event_id uuid, generation integer, died_again_at timestamptz) ON COMMIT DROP;
    IF pg_temp.read(letters, 'dead_letters', concat_ws(', ',
            pg_temp.pick_id(letters, 'as_id', 'id') || ' AS id', 'id::text AS source_id', pg_temp.pick_id(letters, 'as_uuid', 'tenant_id') || ' AS tenant_id',
            'coalesce(pg_temp.clean(event_type, 128), ''unknown'') AS event_type', 'nullif(idempotency_key::text, '''') AS given_key',
            pg_temp.pick_json(letters) || ' AS payload', 'pg_temp.code(reason) AS reason',
            pg_temp.pick(letters, 'integer', 'retry_count', 'attempt_count') || ' AS attempt_count',
            'coalesce(' || pg_temp.pick(letters, 'timestamptz', 'failed_at', 'created_at') || ', now()) AS failed_at')) THEN
        INSERT INTO letter
        WITH given AS (
            SELECT l.id, l.tenant_id, l.event_type, l.given_key, l.failed_at, c.content,
                   row_number() OVER (PARTITION BY l.tenant_id, l.event_type, l.given_key, c.content ORDER BY l.failed_at, l.id) AS nth
              FROM pg_temp.their_dead_letters l
              CROSS JOIN LATERAL (SELECT CASE WHEN l.given_key IS NULL THEN pg_temp.content(l.payload) END AS content) c
             WHERE l.tenant_id IS NOT NULL
        ), event AS (
            SELECT a.id, a.tenant_id, a.event_type, a.given_key, c.content,
                   row_number() OVER (PARTITION BY a.tenant_id, a.event_type, a.given_key, c.content ORDER BY a.dead DESC, a.created_at, a.id) AS nth
              FROM adopted a JOIN zero_admin.outbox_events o USING (id)
              CROSS JOIN LATERAL (SELECT CASE WHEN a.given_key IS NULL THEN pg_temp.content(o.payload) END AS content) c
             WHERE a.dead OR a.given_key IS NOT NULL
        ), matched AS (
            -- One text to be equal in, so that it is a hash join.
            SELECT g.id, coalesce(e.id, g.id) AS event_id, g.failed_at
              FROM given g
              LEFT JOIN event e
                     ON e.tenant_id = g.tenant_id AND e.event_type = g.event_type
                    AND CASE WHEN e.given_key IS NULL THEN 'content:' || e.content || ':' || e.nth WHEN e.nth = 1 THEN 'key:' || e.given_key END
                      = CASE WHEN g.given_key IS NULL THEN 'content:' || g.content || ':' || g.nth ELSE 'key:' || g.given_key END
        )
        SELECT m.id, m.event_id,
               row_number() OVER w - 1, lead(m.failed_at) OVER w
          FROM matched m WINDOW w AS (PARTITION BY m.event_id ORDER BY m.failed_at, m.id);

        INSERT INTO zero_admin.dead_letters (id, event_id, tenant_id, failed_at, event_created_at, resolved_at, resolution, attempt_count, generation,
                                             event_type, schema_version, idempotency_key, trace_id, reason, last_error, payload_json)
        SELECT l.id, l.event_id, t.tenant_id, t.failed_at, coalesce(o.created_at, t.failed_at),
               -- What died again had been replayed in between.
               l.died_again_at, CASE WHEN l.died_again_at IS NOT NULL THEN 'replayed' END,
               coalesce(t.attempt_count, 0), l.generation, t.event_type, coalesce(o.schema_version, '1.0'),
               coalesce(o.idempotency_key, CASE WHEN t.given_key = pg_temp.clean(t.given_key, 128) THEN t.given_key END, l.event_id::text),
               o.trace_id, coalesce(t.reason, 'adopted'), t.reason, coalesce(o.payload, t.payload, 'null')
          FROM letter l JOIN pg_temp.their_dead_letters t USING (id) LEFT JOIN zero_admin.outbox_events o ON o.id = l.event_id
            ON CONFLICT DO NOTHING;

        INSERT INTO zero_admin.adoption_notes (source, source_id, note)
        SELECT letters::text, t.source_id, 'not_copied' FROM pg_temp.their_dead_letters t
         WHERE NOT EXISTS (SELECT FROM zero_admin.dead_letters d WHERE d.id = t.id)
            ON CONFLICT DO NOTHING;
    END IF;

    INSERT INTO zero_admin.dead_letters (event_id, tenant_id, failed_at, event_created_at, attempt_count, generation, event_type, schema_version,
                                         idempotency_key, trace_id, reason, last_error, payload_json)
    SELECT o.id, o.tenant_id, e.updated_at, o.created_at, e.attempt_count, 0, o.event_type, o.schema_version,
           o.idempotency_key, o.trace_id, coalesce(e.last_error, 'adopted'), e.last_error, o.payload
      FROM adopted a JOIN pg_temp.their_event_outbox e USING (id) JOIN zero_admin.outbox_events o USING (id)
     WHERE a.dead AND NOT EXISTS (SELECT FROM letter l WHERE l.event_id = a.id);

    -- An event that lives on after it died has been replayed once more than it died before its last death.
    CREATE TEMP TABLE died ON COMMIT DROP AS SELECT l.event_id AS id, max(l.generation) AS generation FROM letter l GROUP BY l.event_id;

    INSERT INTO zero_admin.outbox_queue (id, tenant_id, event_type, due_at, updated_at, attempt_count, replay_count, last_error)
    SELECT a.id, a.tenant_id, a.event_type, coalesce(e.next_attempt_at, e.created_at), e.updated_at, e.attempt_count, coalesce(d.generation + 1, 0), e.last_error
      FROM adopted a JOIN pg_temp.their_event_outbox e USING (id) LEFT JOIN died d USING (id)
     WHERE NOT a.dead AND e.status <> 'sent';

    INSERT INTO zero_admin.outbox_done (id, status, done_at, attempt_count, replay_count, last_error)
    SELECT a.id, CASE WHEN a.dead THEN 'dlq' ELSE 'sent' END, e.updated_at, e.attempt_count,
           CASE WHEN a.dead THEN coalesce(d.generation, 0) ELSE coalesce(d.generation + 1, 0) END, e.last_error
      FROM adopted a JOIN pg_temp.their_event_outbox e USING (id) LEFT JOIN died d USING (id)
     WHERE a.dead OR e.status = 'sent';

    INSERT INTO zero_admin.adoption_notes (source, source_id, note)
    SELECT origin::text, e.source_id, 'not_copied' FROM pg_temp.their_event_outbox e
     WHERE NOT EXISTS (SELECT FROM adopted a WHERE a.id = e.id)
    UNION
    SELECT origin::text, e.source_id, 'key_replaced' FROM adopted a JOIN pg_temp.their_event_outbox e USING (id) WHERE a.key <> a.given_key
    UNION
    SELECT origin::text, e.source_id, 'payload_not_json' FROM adopted a JOIN pg_temp.their_event_outbox e USING (id) WHERE NOT pg_temp.is_json(e.payload_text);

    DROP TABLE adopted, letter, died;
END
$$;

CREATE FUNCTION pg_temp.copy_items(aside text, origin regclass) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    parsed regclass := to_regclass(aside || '.parsed_items');
    chunks regclass := to_regclass(aside || '.chunks');
BEGIN
    CREATE TEMP TABLE adopted_item ON COMMIT DROP AS
    WITH hashed AS (
        SELECT i.*, row_number() OVER (PARTITION BY i.tenant_id, i.given_hash ORDER BY i.created_at, i.id) AS nth
          FROM pg_temp.their_inbox_items i WHERE i.tenant_id IS NOT NULL
    )
    SELECT h.*, CASE WHEN h.given_hash ~ '^[0-9a-f]{64}$' AND h.nth = 1
                          AND NOT EXISTS (SELECT FROM zero_admin.inbox_items o WHERE o.tenant_id = h.tenant_id AND o.content_hash = h.given_hash)
                     -- Of the id: no content has it, so nothing is taken for a duplicate.
                     THEN h.given_hash ELSE encode(sha256(convert_to(h.id::text, 'UTF8')), 'hex') END AS content_hash
      FROM hashed h
     WHERE NOT EXISTS (SELECT FROM zero_admin.inbox_items o WHERE o.id = h.id);

    INSERT INTO zero_admin.inbox_items (id, tenant_id, created_at, updated_at, source, filename, mime, status, content_hash, uri)
    SELECT a.id, a.tenant_id, a.created_at, a.updated_at, a.source, a.filename, a.mime, a.status, a.content_hash, a.uri FROM adopted_item a;

    INSERT INTO zero_admin.adoption_notes (source, source_id, note)
    SELECT origin::text, i.source_id, 'not_copied' FROM pg_temp.their_inbox_items i WHERE NOT EXISTS (SELECT FROM adopted_item a WHERE a.id = i.id)
    UNION
    SELECT origin::text, a.source_id, 'content_hash_replaced' FROM adopted_item a WHERE a.content_hash <> a.given_hash;
    DROP TABLE adopted_item;

    IF NOT pg_temp.read(parsed, 'parsed_items', concat_ws(', ',
            pg_temp.pick_id(parsed, 'as_id', 'id') || ' AS id', 'id::text AS source_id', pg_temp.pick_id(parsed, 'as_id', 'inbox_item_id') || ' AS inbox_item_id',
            'coalesce(pg_temp.clean(doc_type, 64), ''document'') AS doc_type', pg_temp.pick_json(parsed) || ' AS payload',
            'coalesce(created_at::timestamptz, now()) AS created_at',
            'coalesce(' || pg_temp.pick(parsed, 'timestamptz', 'updated_at', 'created_at') || ', now()) AS updated_at')) THEN
        RETURN;
    END IF;
    -- An item is read once; of several readings the last is taken.
    INSERT INTO zero_admin.parsed_items (id, tenant_id, inbox_item_id, created_at, updated_at, doc_type, payload_json)
    SELECT DISTINCT ON (p.inbox_item_id) p.id, i.tenant_id, p.inbox_item_id, p.created_at, p.updated_at, p.doc_type, coalesce(p.payload, 'null')
      FROM pg_temp.their_parsed_items p JOIN zero_admin.inbox_items i ON i.id = p.inbox_item_id
     ORDER BY p.inbox_item_id, p.created_at DESC, p.id
        ON CONFLICT DO NOTHING;
    INSERT INTO zero_admin.adoption_notes (source, source_id, note)
    SELECT parsed::text, p.source_id, 'not_copied' FROM pg_temp.their_parsed_items p WHERE NOT EXISTS (SELECT FROM zero_admin.parsed_items o WHERE o.id = p.id);

    IF NOT pg_temp.read(chunks, 'chunks', concat_ws(', ',
            pg_temp.pick_id(chunks, 'as_id', 'id') || ' AS id', 'id::text AS source_id',
            pg_temp.pick_id(chunks, 'as_id', 'parsed_item_id') || ' AS parsed_item_id',
            pg_temp.pick_id(chunks, 'as_id', 'inbox_item_id') || ' AS inbox_item_id',
            'seq_no', 'text', pg_temp.pick(chunks, 'integer', 'token_count') || ' AS token_count',
            'coalesce(' || pg_temp.pick(chunks, 'timestamptz', 'created_at') || ', now()) AS created_at',
            'coalesce(' || pg_temp.pick(chunks, 'timestamptz', 'updated_at', 'created_at') || ', now()) AS updated_at')) THEN
        RETURN;
    END IF;
    INSERT INTO zero_admin.chunks (id, tenant_id, parsed_item_id, created_at, updated_at, seq_no, token_count, text)
    SELECT c.id, coalesce(p.tenant_id, i.tenant_id), coalesce(p.id, i.id), c.created_at, c.updated_at, c.seq_no, c.token_count, coalesce(c.text, '')
      FROM pg_temp.their_chunks c
      LEFT JOIN zero_admin.parsed_items p ON p.id = c.parsed_item_id
      LEFT JOIN zero_admin.parsed_items i ON i.inbox_item_id = c.inbox_item_id AND c.parsed_item_id IS NULL
     WHERE p.id IS NOT NULL OR i.id IS NOT NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO zero_admin.adoption_notes (source, source_id, note)
    SELECT chunks::text, c.source_id, 'not_copied' FROM pg_temp.their_chunks c WHERE NOT EXISTS (SELECT FROM zero_admin.chunks o WHERE o.id = c.id);
END
$$;

CREATE FUNCTION pg_temp.copy_marks(origin regclass) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO zero_admin.processed_events (tenant_id, event_type, idempotency_key, processed_at)
    SELECT m.tenant_id, m.event_type, m.idempotency_key, m.processed_at FROM pg_temp.their_processed_events m
     WHERE m.tenant_id IS NOT NULL AND m.idempotency_key IS NOT NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO zero_admin.adoption_notes (source, source_id, note)
    SELECT origin::text, m.source_id, 'not_copied' FROM pg_temp.their_processed_events m WHERE m.tenant_id IS NULL OR m.idempotency_key IS NULL
        ON CONFLICT DO NOTHING;
END
$$;

-- The publisher of the original took InboxItemValidated from its worker: sent, and nobody parsed it. Whether it is to be
-- parsed now is for a person to say.
CREATE FUNCTION pg_temp.note_never_parsed(origin regclass) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO zero_admin.adoption_notes (source, source_id, note)
    SELECT origin::text, e.source_id, 'never_parsed'
      FROM pg_temp.their_event_outbox e JOIN zero_admin.outbox_events o USING (id) JOIN zero_admin.outbox_done d USING (id)
     WHERE e.event_type = 'InboxItemValidated' AND d.status = 'sent'
       AND NOT EXISTS (SELECT FROM zero_admin.processed_events p
                        WHERE p.tenant_id = o.tenant_id AND p.event_type = o.event_type AND p.idempotency_key = o.idempotency_key)
       AND NOT EXISTS (SELECT FROM zero_admin.inbox_items i LEFT JOIN zero_admin.parsed_items r ON r.inbox_item_id = i.id
                        WHERE i.id = pg_temp.as_id(o.payload ->> 'inbox_item_id') AND (r.id IS NOT NULL OR i.status IN ('parsed', 'error')))
        ON CONFLICT DO NOTHING;
END
$$;

DO $$
DECLARE
    aside text;
    events regclass;
    items regclass;
    marks regclass;
    told record;
BEGIN
    FOREACH aside IN ARRAY ARRAY['zero_admin_original', 'zero_admin_original_public'] LOOP
        events := to_regclass(aside || '.event_outbox');
        items := to_regclass(aside || '.inbox_items');
        marks := to_regclass(aside || '.processed_events');
        IF pg_temp.read(items, 'inbox_items', concat_ws(', ',
                pg_temp.pick_id(items, 'as_id', 'id') || ' AS id', 'id::text AS source_id', pg_temp.pick_id(items, 'as_uuid', 'tenant_id') || ' AS tenant_id',
                'coalesce(pg_temp.clean(source, 64), ''unknown'') AS source', 'pg_temp.clean(filename, 255) AS filename',
                'pg_temp.clean(' || pg_temp.pick(items, 'text', 'mime') || ', 128) AS mime',
                'CASE WHEN status IN (''received'', ''validated'', ''parsed'') THEN status ELSE ''error'' END AS status',
                'coalesce(lower(content_hash), '''') AS given_hash', 'coalesce(uri, '''') AS uri', 'coalesce(created_at::timestamptz, now()) AS created_at',
                'coalesce(' || pg_temp.pick(items, 'timestamptz', 'updated_at', 'created_at') || ', now()) AS updated_at')) THEN
            PERFORM pg_temp.copy_items(aside, items);
        END IF;
        IF pg_temp.read(marks, 'processed_events', concat_ws(', ',
                'tenant_id || '' '' || event_type || '' '' || idempotency_key AS source_id', pg_temp.pick_id(marks, 'as_uuid', 'tenant_id') || ' AS tenant_id',
                'coalesce(pg_temp.clean(event_type, 128), ''unknown'') AS event_type', 'pg_temp.clean(idempotency_key, 128) AS idempotency_key',
                'coalesce(' || pg_temp.pick(marks, 'timestamptz', 'processed_at') || ', now()) AS processed_at')) THEN
            PERFORM pg_temp.copy_marks(marks);
        END IF;
        IF pg_temp.read(events, 'event_outbox', concat_ws(', ',
                pg_temp.pick_id(events, 'as_id', 'id') || ' AS id', 'id::text AS source_id', pg_temp.pick_id(events, 'as_uuid', 'tenant_id') || ' AS tenant_id',
                'coalesce(pg_temp.clean(event_type, 128), ''unknown'') AS event_type', 'nullif(idempotency_key::text, '''') AS given_key',
                'coalesce(pg_temp.clean(schema_version, 16), ''1.0'') AS schema_version',
                'pg_temp.clean(' || pg_temp.pick(events, 'text', 'trace_id') || ', 64) AS trace_id',
                'coalesce(' || pg_temp.pick_json(events) || ', ''null'') AS payload', pg_temp.pick_text(events) || ' AS payload_text',
                'coalesce(status, ''pending'') AS status', 'coalesce(' || pg_temp.pick(events, 'integer', 'attempt_count', 'retry_count') || ', 0) AS attempt_count',
                'pg_temp.code(' || pg_temp.pick(events, 'text', 'last_error') || ') AS last_error',
                pg_temp.pick(events, 'timestamptz', 'next_attempt_at') || ' AS next_attempt_at', 'coalesce(created_at::timestamptz, now()) AS created_at',
                'coalesce(' || pg_temp.pick(events, 'timestamptz', 'updated_at', 'created_at') || ', now()) AS updated_at')) THEN
            PERFORM pg_temp.copy_events(aside, events);
            PERFORM pg_temp.note_never_parsed(events);
            -- Its application goes on enqueuing by INSERT ... RETURNING id.
            GRANT INSERT, SELECT (id) ON zero_admin.event_outbox TO zero_admin_application;
        END IF;
    END LOOP;
    FOR told IN SELECT n.source, n.note, count(*) AS rows FROM zero_admin.adoption_notes n GROUP BY n.source, n.note ORDER BY n.source, n.note LOOP
        RAISE NOTICE '%: % rows are noted as % in zero_admin.adoption_notes', told.source, told.rows, told.note;
    END LOOP;
END
$$;

SELECT pg_temp.read(NULL, name, NULL) FROM unnest('{event_outbox,dead_letters,processed_events,inbox_items,parsed_items,chunks}'::text[]) AS t(name);
DROP FUNCTION pg_temp.note_never_parsed(regclass), pg_temp.copy_marks(regclass), pg_temp.copy_items(text, regclass), pg_temp.copy_events(text, regclass),
    pg_temp.read(regclass, text, text), pg_temp.pick_text(regclass), pg_temp.pick_json(regclass), pg_temp.pick_id(regclass, text, text), pg_temp.pick(regclass, text, text[]), pg_temp.content(json), pg_temp.as_json(text),
    pg_temp.is_json(text), pg_temp.as_id(text), pg_temp.as_uuid(text), pg_temp.code(text), pg_temp.clean(text, integer);

SELECT zero_admin.change_deployed('adopt_rows');

COMMIT;
