-- Deploy zero_admin:adopt to pg
-- requires: version
-- The original application has tables of the same names: in zero_admin, as its migrations make them, or in public, as its
-- models do. They are moved aside as they are, with rows, constraints, indexes, triggers and grants, and back by the revert.
-- adopt_rows copies what they hold. A database without them is left alone.

BEGIN;

-- Whoever writes to them holds locks; waiting longer would stop the application for as long.
SET LOCAL lock_timeout = '15s';

DO $$
DECLARE
    found record;
    aside text;
    kept text;
BEGIN
    FOR found IN
        -- The columns that both shapes have.
        WITH original (name, columns) AS (VALUES
            ('event_outbox', '{id,tenant_id,event_type,payload_json,idempotency_key,schema_version,status,created_at}'::text[]),
            ('dead_letters', '{id,tenant_id,event_type,idempotency_key,payload_json,reason}'),
            ('processed_events', '{tenant_id,event_type,idempotency_key}'),
            ('inbox_items', '{id,tenant_id,source,filename,status,content_hash,uri,created_at}'),
            ('parsed_items', '{id,tenant_id,inbox_item_id,doc_type,payload_json,created_at}'),
            ('chunks', '{id,tenant_id,seq_no,text}')
        ), candidate AS (
            SELECT n.nspname AS home, o.name,
                   o.columns <@ ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS known
              FROM original o
              JOIN pg_class c ON c.relname = o.name AND c.relkind IN ('r', 'p')
              JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('zero_admin', 'public')
        )
        SELECT c.home, c.name, c.known FROM candidate c
         -- Names like these are anybody's in public: only beside an outbox of the original are they its tables.
         WHERE c.home = 'zero_admin'
            OR (c.known AND EXISTS (SELECT FROM candidate o WHERE o.home = 'public' AND o.name = 'event_outbox' AND o.known))
    LOOP
        IF NOT found.known THEN
            RAISE EXCEPTION 'the table zero_admin.% is neither of this project nor of the original application', found.name
                USING HINT = 'Rename it, or move it to another schema, and deploy again.';
        END IF;
        aside := CASE found.home WHEN 'public' THEN 'zero_admin_original_public' ELSE 'zero_admin_original' END;
        IF to_regnamespace(aside) IS NULL THEN
            EXECUTE format('CREATE SCHEMA %I', aside);
        END IF;
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', found.home, found.name, aside);
        RAISE NOTICE '%.% of the original application is now %.%', found.home, found.name, aside, found.name;
    END LOOP;

    FOR kept IN
        SELECT format('%s of %s', r.conname, r.conrelid::regclass) FROM pg_constraint r
          JOIN pg_class t ON t.oid = r.confrelid JOIN pg_class s ON s.oid = r.conrelid
         WHERE r.contype = 'f' AND t.relnamespace IN (to_regnamespace('zero_admin_original'), to_regnamespace('zero_admin_original_public'))
           AND s.relnamespace <> t.relnamespace
    LOOP
        RAISE WARNING 'the foreign key % goes on referring to the rows that were moved aside', kept;
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the tables of the original application cannot be moved aside: %', SQLERRM
            USING ERRCODE = SQLSTATE, HINT = 'Deploy as the owner of these tables who may create schemas, or as a superuser.';
    WHEN lock_not_available THEN
        RAISE EXCEPTION 'the tables of the original application are in use'
            USING ERRCODE = SQLSTATE, HINT = 'Stop the original application, and deploy again.';
END
$$;

SELECT zero_admin.change_deployed('adopt');

COMMIT;
