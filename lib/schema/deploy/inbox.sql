-- Deploy zero_admin:inbox to pg
-- requires: outbox

BEGIN;

CREATE TABLE zero_admin.inbox_items (
    id uuid PRIMARY KEY DEFAULT zero_admin.uuid_v7(),
    tenant_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    bytes bigint CONSTRAINT inbox_items_bytes CHECK (bytes >= 0),
    source text NOT NULL CONSTRAINT inbox_items_source CHECK (source ~ '^[^[:cntrl:]]{1,64}$'),
    filename text CONSTRAINT inbox_items_filename CHECK (filename ~ '^[^[:cntrl:]]{1,255}$'),
    mime text CONSTRAINT inbox_items_mime CHECK (mime ~ '^[^[:cntrl:]]{1,128}$'),
    status text NOT NULL DEFAULT 'received' CONSTRAINT inbox_items_status CHECK (status IN ('received', 'validated', 'parsed', 'error')),
    content_hash text NOT NULL CONSTRAINT inbox_items_content_hash CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    uri text NOT NULL,
    trace_id text CONSTRAINT inbox_items_trace_id CHECK (trace_id ~ '^[^[:cntrl:]]{1,64}$'),
    CONSTRAINT inbox_items_content UNIQUE (tenant_id, content_hash)
) WITH (fillfactor = 80);
COMMENT ON COLUMN zero_admin.inbox_items.content_hash IS 'SHA-256 of the content, lower-case hexadecimal.';

CREATE TABLE zero_admin.parsed_items (
    id uuid PRIMARY KEY DEFAULT zero_admin.uuid_v7(),
    tenant_id uuid NOT NULL,
    inbox_item_id uuid NOT NULL UNIQUE REFERENCES zero_admin.inbox_items (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    doc_type text NOT NULL CONSTRAINT parsed_items_doc_type CHECK (doc_type ~ '^[^[:cntrl:]]{1,64}$'),
    payload_json json NOT NULL
);

CREATE TABLE zero_admin.chunks (
    id uuid PRIMARY KEY DEFAULT zero_admin.uuid_v7(),
    tenant_id uuid NOT NULL,
    parsed_item_id uuid NOT NULL REFERENCES zero_admin.parsed_items (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seq_no integer NOT NULL,
    token_count integer,
    text text NOT NULL,
    CONSTRAINT chunks_order UNIQUE (parsed_item_id, seq_no)
);

GRANT SELECT ON zero_admin.inbox_items, zero_admin.parsed_items, zero_admin.chunks
    TO zero_admin_application, zero_admin_runner, zero_admin_watcher, zero_admin_operator;
GRANT INSERT ON zero_admin.inbox_items TO zero_admin_application, zero_admin_runner, zero_admin_operator;
GRANT UPDATE ON zero_admin.inbox_items TO zero_admin_runner;
GRANT INSERT ON zero_admin.parsed_items, zero_admin.chunks TO zero_admin_runner;

SELECT zero_admin.change_deployed('inbox');

COMMIT;
