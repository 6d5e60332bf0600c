-- Enters a document and its event, once for each tenant and content. No row: another run is entering it just now; ask again.
-- $1::uuid    tenant
-- $2::text    content hash
-- $3::bigint  bytes
-- $4::text    where it came from
-- $5::text    file name (null: none)
-- $6::text    MIME type
-- $7::text    where it is kept
-- $8::text    trace id
WITH item AS (
    INSERT INTO zero_admin.inbox_items (tenant_id, content_hash, bytes, source, filename, mime, uri, trace_id, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'validated')
    ON CONFLICT ON CONSTRAINT inbox_items_content DO NOTHING
    RETURNING id, tenant_id, content_hash, uri, mime, trace_id
), told AS MATERIALIZED (
    SELECT i.id, zero_admin.enqueue_event(i.tenant_id, 'InboxItemValidated',
               json_build_object('inbox_item_id', i.id, 'content_hash', i.content_hash, 'uri', i.uri, 'mime', i.mime)::text, i.id::text, '1.0', i.trace_id) AS event_id
      FROM item i
)
SELECT t.id, false AS duplicate, t.event_id FROM told t
UNION ALL
SELECT i.id, true, NULL FROM zero_admin.inbox_items i WHERE i.tenant_id = $1 AND i.content_hash = $2 AND NOT EXISTS (SELECT FROM item)
