-- Verify zero_admin:inbox on pg

SELECT id, tenant_id, source, filename, mime, bytes, status, content_hash, uri, created_at, updated_at FROM zero_admin.inbox_items WHERE false;
SELECT id, tenant_id, inbox_item_id, doc_type, payload_json, created_at, updated_at FROM zero_admin.parsed_items WHERE false;
SELECT id, tenant_id, parsed_item_id, seq_no, text, token_count, created_at, updated_at FROM zero_admin.chunks WHERE false;
