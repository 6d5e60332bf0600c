-- The tables of the original application as its migrations make them.
CREATE SCHEMA zero_admin;
CREATE TABLE zero_admin.alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO zero_admin.alembic_version VALUES ('20251007_ops');
CREATE FUNCTION zero_admin.set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = timezone('utc', now()); RETURN NEW; END $$;
CREATE TABLE zero_admin.inbox_items (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, source varchar(64) NOT NULL, filename varchar(255),
    status varchar(32) NOT NULL, created_at timestamptz NOT NULL DEFAULT timezone('utc', now()), updated_at timestamptz NOT NULL DEFAULT timezone('utc', now()),
    content_hash varchar(64) NOT NULL, uri text NOT NULL,
    CONSTRAINT ck_inbox_items_status CHECK (status IN ('received', 'validated', 'parsed', 'error')),
    CONSTRAINT uq_inbox_items_tenant_hash UNIQUE (tenant_id, content_hash));
CREATE TABLE zero_admin.parsed_items (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL,
    inbox_item_id uuid NOT NULL REFERENCES zero_admin.inbox_items (id) ON DELETE CASCADE, doc_type varchar(64) NOT NULL, payload_json json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT timezone('utc', now()), updated_at timestamptz NOT NULL DEFAULT timezone('utc', now()));
CREATE TABLE zero_admin.chunks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL,
    parsed_item_id uuid NOT NULL REFERENCES zero_admin.parsed_items (id) ON DELETE CASCADE, seq_no integer NOT NULL, text text NOT NULL, token_count integer,
    created_at timestamptz NOT NULL DEFAULT timezone('utc', now()), updated_at timestamptz NOT NULL DEFAULT timezone('utc', now()),
    CONSTRAINT uq_chunks_order UNIQUE (tenant_id, parsed_item_id, seq_no));
CREATE TABLE zero_admin.event_outbox (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, event_type varchar(128) NOT NULL, payload_json json NOT NULL,
    idempotency_key varchar(128), schema_version varchar(16) NOT NULL, status varchar(32) NOT NULL DEFAULT 'pending', retry_count integer NOT NULL DEFAULT 0,
    last_error text, created_at timestamptz NOT NULL DEFAULT timezone('utc', now()), updated_at timestamptz NOT NULL DEFAULT timezone('utc', now()),
    CONSTRAINT ck_event_outbox_status CHECK (status IN ('pending', 'processing', 'sent', 'failed', 'dlq')),
    CONSTRAINT uq_event_outbox_key UNIQUE (tenant_id, idempotency_key, event_type));
CREATE INDEX ix_event_outbox_status ON zero_admin.event_outbox (status, created_at);
CREATE TABLE zero_admin.processed_events (
    tenant_id uuid NOT NULL, event_type varchar(128) NOT NULL, idempotency_key varchar(128) NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT timezone('utc', now()), PRIMARY KEY (tenant_id, event_type, idempotency_key));
CREATE TABLE zero_admin.dead_letters (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, event_type varchar(128) NOT NULL, idempotency_key varchar(128), payload_json json,
    reason text, retry_count integer, failed_at timestamptz NOT NULL DEFAULT timezone('utc', now()));
CREATE TRIGGER trg_inbox_items_updated_at BEFORE UPDATE ON zero_admin.inbox_items FOR EACH ROW EXECUTE FUNCTION zero_admin.set_updated_at();
CREATE TRIGGER trg_event_outbox_updated_at BEFORE UPDATE ON zero_admin.event_outbox FOR EACH ROW EXECUTE FUNCTION zero_admin.set_updated_at();

INSERT INTO zero_admin.inbox_items (id, tenant_id, source, filename, status, created_at, content_hash, uri)
SELECT ('00000000-0000-4000-8000-00000000010' || n)::uuid, '11111111-1111-4111-8111-111111111111', 'email', 'Rechnung ' || n || '.pdf', status,
       timestamptz '2026-01-02 03:04:05Z' + n * interval '1 minute', repeat(to_hex(n), 64), 'file:///var/lib/0admin/inbox/' || n
  FROM unnest('{received,validated,validated,parsed,error}'::text[]) WITH ORDINALITY AS s(status, n);
INSERT INTO zero_admin.parsed_items (id, tenant_id, inbox_item_id, doc_type, payload_json, created_at) VALUES
    ('00000000-0000-4000-8000-000000000201', '11111111-1111-4111-8111-111111111111', '00000000-0000-4000-8000-000000000104', 'invoice', '{"older":  true}', '2026-01-03Z'),
    ('00000000-0000-4000-8000-000000000202', '11111111-1111-4111-8111-111111111111', '00000000-0000-4000-8000-000000000104', 'invoice', '{"amount":  "119.00"}', '2026-01-04Z');
INSERT INTO zero_admin.chunks (tenant_id, parsed_item_id, seq_no, text, token_count)
SELECT '11111111-1111-4111-8111-111111111111', '00000000-0000-4000-8000-000000000202', n, 'part ' || n, n * 10 FROM generate_series(0, 2) n;

INSERT INTO zero_admin.event_outbox (id, tenant_id, event_type, payload_json, idempotency_key, schema_version, status, retry_count, last_error, created_at) VALUES
    ('00000000-0000-4000-8000-000000000301', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  1}', 'pending-1', '1.0', 'pending', 0, NULL, '2026-01-02 10:00Z'),
    ('00000000-0000-4000-8000-000000000302', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  2}', 'pending-2', '1.1', 'pending', 2, 'HTTP 500: <html>', '2026-01-02 10:01Z'),
    ('00000000-0000-4000-8000-000000000303', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  3}', 'crashed', '1.0', 'processing', 1, NULL, '2026-01-02 10:02Z'),
    ('00000000-0000-4000-8000-000000000304', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  4}', 'sent', '1.0', 'sent', 0, NULL, '2026-01-02 10:03Z'),
    ('00000000-0000-4000-8000-000000000305', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  5}', 'failed', '1.0', 'failed', 5, 'timeout', '2026-01-02 10:04Z'),
    ('00000000-0000-4000-8000-000000000306', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  6}', 'failed-unlisted', '1.0', 'failed', 5, 'timeout', '2026-01-02 10:05Z'),
    ('00000000-0000-4000-8000-000000000307', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  7}', 'dlq', '1.0', 'dlq', 5, NULL, '2026-01-02 10:06Z'),
    ('00000000-0000-4000-8000-000000000308', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  8}', NULL, '1.0', 'pending', 0, NULL, '2026-01-02 10:07Z'),
    ('00000000-0000-4000-8000-000000000309', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  9}', NULL, '1.0', 'failed', 5, NULL, '2026-01-02 10:08Z'),
    ('00000000-0000-4000-8000-000000000310', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n": 10}', E'tab\there', '1.0', 'pending', 0, NULL, '2026-01-02 10:09Z'),
    ('00000000-0000-4000-8000-000000000311', '11111111-1111-4111-8111-111111111111', 'InboxItemValidated', '{"inbox_item_id":"00000000-0000-4000-8000-000000000102","uri":"file:///x"}', 'v-2', '1.0', 'sent', 0, NULL, '2026-01-02 10:10Z'),
    ('00000000-0000-4000-8000-000000000312', '11111111-1111-4111-8111-111111111111', 'InboxItemValidated', '{"inbox_item_id":"00000000-0000-4000-8000-000000000104","uri":"file:///x"}', 'v-4', '1.0', 'sent', 0, NULL, '2026-01-02 10:11Z'),
    ('00000000-0000-4000-8000-000000000313', '11111111-1111-4111-8111-111111111111', 'InboxItemValidated', '{"inbox_item_id":"00000000-0000-4000-8000-000000000103","uri":"file:///x"}', 'v-3', '1.0', 'pending', 0, NULL, '2026-01-02 10:12Z');
INSERT INTO zero_admin.processed_events VALUES ('11111111-1111-4111-8111-111111111111', 'InboxItemValidated', 'v-4', '2026-01-04Z');
INSERT INTO zero_admin.dead_letters (id, tenant_id, event_type, idempotency_key, payload_json, reason, retry_count, failed_at) VALUES
    ('00000000-0000-4000-8000-000000000401', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', 'failed', '{"n": 5}', 'HTTP 500: Internal Server Error', 5, '2026-01-02 11:00Z'),
    ('00000000-0000-4000-8000-000000000402', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', 'dlq', '{"n": 7}', 'timeout', 5, '2026-01-02 11:01Z'),
    ('00000000-0000-4000-8000-000000000403', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', 'dlq', '{"n": 7}', 'timeout', 5, '2026-01-02 12:01Z'),
    ('00000000-0000-4000-8000-000000000404', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', NULL, '{"n":9}', 'timeout', 5, '2026-01-02 11:02Z'),
    ('00000000-0000-4000-8000-000000000405', '11111111-1111-4111-8111-111111111111', 'OrderPlaced', 'long-gone', '{"gone": true}', NULL, NULL, '2026-01-02 11:03Z');
