-- Deploy zero_admin:inbox to pg
-- requires: outbox

BEGIN;

-- Domains for the reasons of the outbox's, and one more: that an item becomes parsed does not check its labels again.
CREATE DOMAIN zero_admin.source_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 64 AND VALUE !~ '[[:cntrl:]]');
CREATE DOMAIN zero_admin.filename_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 255 AND VALUE !~ '[[:cntrl:]]');
CREATE DOMAIN zero_admin.mime_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 128 AND VALUE !~ '[[:cntrl:]]');
CREATE DOMAIN zero_admin.doc_type_label AS text CHECK (VALUE <> '' AND length(VALUE) <= 64 AND VALUE !~ '[[:cntrl:]]');
CREATE DOMAIN zero_admin.content_hash AS text CHECK (length(VALUE) = 64 AND VALUE !~ '[^0-9a-f]');

CREATE TABLE zero_admin.inbox_items (
    id uuid PRIMARY KEY DEFAULT zero_admin.uuid_v7(),
    tenant_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    bytes bigint CONSTRAINT inbox_items_bytes CHECK (bytes >= 0),
    source zero_admin.source_label NOT NULL,
    filename zero_admin.filename_label,
    mime zero_admin.mime_label,
    status text NOT NULL DEFAULT 'received' CONSTRAINT inbox_items_status CHECK (status IN ('received', 'validated', 'parsed', 'error')),
    content_hash zero_admin.content_hash NOT NULL,
    uri text NOT NULL,
    trace_id zero_admin.trace_id_label,
    CONSTRAINT inbox_items_content UNIQUE (tenant_id, content_hash)
) WITH (fillfactor = 80);
COMMENT ON COLUMN zero_admin.inbox_items.content_hash IS 'SHA-256 of the content, lower-case hexadecimal.';

CREATE TABLE zero_admin.parsed_items (
    id uuid PRIMARY KEY DEFAULT zero_admin.uuid_v7(),
    tenant_id uuid NOT NULL,
    inbox_item_id uuid NOT NULL UNIQUE REFERENCES zero_admin.inbox_items (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    doc_type zero_admin.doc_type_label NOT NULL,
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
