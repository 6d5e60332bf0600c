-- The tables of the original application as its models make them: in the default schema, with ids and payloads as text.
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('20251007_ops');
CREATE TABLE inbox_items (
    id varchar(36) PRIMARY KEY, tenant_id varchar(36) NOT NULL, source varchar(64) NOT NULL, filename varchar(255), mime varchar(128), status varchar(32) NOT NULL,
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL, content_hash varchar(64) NOT NULL, uri text NOT NULL, UNIQUE (tenant_id, content_hash));
CREATE TABLE parsed_items (
    id varchar(36) PRIMARY KEY, tenant_id varchar(36) NOT NULL, inbox_item_id varchar(36) NOT NULL, doc_type varchar(64) NOT NULL, payload_json text NOT NULL,
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL);
CREATE TABLE chunks (
    id varchar(36) PRIMARY KEY, tenant_id varchar(36) NOT NULL, inbox_item_id varchar(36) NOT NULL, seq_no integer NOT NULL, text text NOT NULL, token_count integer,
    created_at timestamp NOT NULL);
CREATE TABLE event_outbox (
    id varchar(36) PRIMARY KEY, tenant_id varchar(36) NOT NULL, event_type varchar(128) NOT NULL, payload_json text NOT NULL, idempotency_key varchar(128),
    trace_id varchar(64), schema_version varchar(16) NOT NULL, status varchar(32) NOT NULL, attempt_count integer NOT NULL, next_attempt_at timestamp, created_at timestamp NOT NULL);
CREATE TABLE processed_events (
    tenant_id varchar(36), event_type varchar(128), idempotency_key varchar(128), processed_at timestamp NOT NULL, PRIMARY KEY (tenant_id, event_type, idempotency_key));
CREATE TABLE dead_letters (
    id varchar(36) PRIMARY KEY, tenant_id varchar(36) NOT NULL, event_type varchar(128) NOT NULL, idempotency_key varchar(128), payload_json text, reason text, created_at timestamp NOT NULL);

INSERT INTO inbox_items
SELECT '00000000-0000-4000-8000-00000000010' || n, '11111111-1111-4111-8111-111111111111', 'upload', NULL, 'application/pdf', status,
       '2026-01-02 03:04:05', '2026-01-02 03:04:05', CASE n WHEN 1 THEN 'no digest' ELSE repeat(to_hex(n), 64) END, 'file:///var/lib/0admin/inbox/' || n
  FROM unnest('{received,validated,validated,parsed,error}'::text[]) WITH ORDINALITY AS s(status, n);
INSERT INTO parsed_items VALUES ('reading-4', '11111111-1111-4111-8111-111111111111', '00000000-0000-4000-8000-000000000104', 'invoice', '{"amount":  "119.00"}', '2026-01-04', '2026-01-04');
INSERT INTO chunks SELECT 'chunk-' || n, '11111111-1111-4111-8111-111111111111', '00000000-0000-4000-8000-000000000104', n, 'part ' || n, n * 10, '2026-01-04' FROM generate_series(0, 2) n;
INSERT INTO event_outbox
SELECT '00000000-0000-4000-8000-0000000003' || lpad(n::text, 2, '0'), tenant, type, payload, key, 'trace-' || n, '1.0', status, attempts, due::timestamp,
       timestamp '2026-01-02 10:00' + n * interval '1 minute'
  FROM (VALUES
    (1, '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  1}', 'pending', 'pending', 0, '2026-01-02 10:30'),
    (2, '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  2}', 'later', 'pending', 2, '2126-01-01 00:00'),
    (3, '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  3}', 'crashed', 'processing', 1, NULL),
    (4, '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  4}', 'sent', 'sent', 0, NULL),
    (5, '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  5}', 'failed', 'failed', 5, NULL),
    (6, '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', 'no json', NULL, 'pending', 0, NULL),
    (7, 'no tenant', 'InvoiceCreated', '{"n":  7}', 'lost', 'pending', 0, NULL),
    (8, '11111111-1111-4111-8111-111111111111', 'InboxItemValidated', '{"inbox_item_id":"00000000-0000-4000-8000-000000000102"}', 'v-2', 'sent', 0, NULL),
    (9, '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', '{"n":  9}', 'pending', 'dlq', 5, NULL)
  ) AS e(n, tenant, type, payload, key, status, attempts, due);
INSERT INTO processed_events VALUES ('11111111-1111-4111-8111-111111111111', 'InboxItemValidated', 'v-4', '2026-01-04');
INSERT INTO dead_letters VALUES ('00000000-0000-4000-8000-000000000401', '11111111-1111-4111-8111-111111111111', 'InvoiceCreated', 'failed', '{"n":  5}', 'timeout', '2026-01-02 11:00');
