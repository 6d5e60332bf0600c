-- Completes events whose document has been judged for good, read or refused, in one go: processed_events, parsed_items, chunks,
-- inbox_items, the follow-up event, and the event itself. What was processed before is completed without a second effect.
-- Yields status (parsed, error or duplicate) and reason of each; of the ones marked as resubmitted (the answer to an earlier
-- try was lost with the connection), those that are completed already too, as 'duplicate'.
-- $1::uuid[]    events
-- $2::uuid[]    their lease tokens
-- $3::uuid[]    inbox items (null: the payload named none)
-- $4::text[]    content hashes, as the payloads have them
-- $5::text[]    doc_type (null: refused)
-- $6::text[]    payload_json
-- $7::text[]    flags, a JSON array
-- $8::text[]    reason of the refusal (null: read)
-- $9::text[]    error_class of the refusal
-- $10::bigint[] how long each attempt took, in milliseconds
-- $11::uuid[]   chunks: event
-- $12::int[]    chunks: number from 0
-- $13::text[]   chunks: text
-- $14::boolean  resubmitted
-- $15::uuid     the runner's row
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])
               AS g(id, token, item_id, content_hash, doc_type, payload, flags, reason, error_class, duration_ms)
), held AS MATERIALIZED (
    SELECT g.*, e.tenant_id, e.event_type, e.idempotency_key, e.trace_id, q.attempt_count, q.replay_count
      FROM given g JOIN zero_admin.outbox_queue q ON q.id = g.id AND q.lease_token = g.token
      JOIN zero_admin.outbox_events e ON e.id = q.id
     WHERE q.id = ANY (ARRAY(SELECT given.id FROM given))
       FOR UPDATE OF q
), gone AS (
    DELETE FROM zero_admin.outbox_queue q WHERE q.id = ANY (ARRAY(SELECT h.id FROM held h))
), done AS (
    INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count, last_error)
    SELECT h.id, 'sent', h.attempt_count + 1, h.replay_count, h.reason FROM held h
), fresh AS (
    INSERT INTO zero_admin.processed_events (tenant_id, event_type, idempotency_key, generation)
    SELECT h.tenant_id, h.event_type, h.idempotency_key, h.replay_count FROM held h
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, event_type, idempotency_key
), known AS MATERIALIZED (
    -- An item counts only with the tenant and the content that the event names. Rows of this statement are found again by IN, not by
    -- a join: the planner takes what a CTE writes for one row, and would compare every row with every other.
    SELECT h.id, h.tenant_id, h.trace_id, h.replay_count, h.duration_ms, h.item_id, h.doc_type, h.payload, h.flags, i.id IS NOT NULL AS is_known,
           (h.tenant_id, h.event_type, h.idempotency_key) IN (SELECT f.tenant_id, f.event_type, f.idempotency_key FROM fresh f) AS is_fresh,
           h.id IN (SELECT unnest($11::uuid[])) AS has_chunks,
           zero_admin.uuid_v7() AS parsed_item_id,
           CASE WHEN i.id IS NULL THEN coalesce(h.reason, 'validation_error') ELSE h.reason END AS reason,
           CASE WHEN i.id IS NULL AND h.reason IS NULL THEN 'item_unknown' ELSE h.error_class END AS error_class
      FROM held h LEFT JOIN zero_admin.inbox_items i ON i.id = h.item_id AND i.tenant_id = h.tenant_id AND i.content_hash = h.content_hash
), made AS (
    INSERT INTO zero_admin.parsed_items (id, tenant_id, inbox_item_id, doc_type, payload_json)
    SELECT k.parsed_item_id, k.tenant_id, k.item_id, k.doc_type, k.payload::json FROM known k WHERE k.is_fresh AND k.reason IS NULL
    ON CONFLICT (inbox_item_id) DO NOTHING
    RETURNING id
), judged AS MATERIALIZED (
    SELECT k.*, CASE WHEN NOT k.is_fresh THEN 'duplicate' WHEN k.reason IS NOT NULL THEN 'error'
                     WHEN k.parsed_item_id IN (SELECT m.id FROM made m) THEN 'parsed' ELSE 'duplicate' END AS status
      FROM known k
), cut AS (
    INSERT INTO zero_admin.chunks (tenant_id, parsed_item_id, seq_no, text)
    SELECT j.tenant_id, j.parsed_item_id, c.seq_no, c.text
      FROM unnest($11::uuid[], $12::int[], $13::text[]) AS c(event_id, seq_no, text) JOIN judged j ON j.id = c.event_id AND j.status = 'parsed'
    RETURNING octet_length(text) AS bytes
), marked AS (
    UPDATE zero_admin.inbox_items i SET status = j.status, updated_at = now()
      FROM judged j WHERE i.id = j.item_id AND j.is_known AND j.status <> 'duplicate' AND i.status <> 'parsed'
), news AS MATERIALIZED (
    SELECT array_agg(j.tenant_id) AS tenants,
           array_agg(CASE j.status WHEN 'parsed' THEN 'InboxItemParsed' ELSE 'InboxItemParseFailed' END) AS types,
           array_agg(CASE j.status
               WHEN 'parsed' THEN json_build_object('inbox_item_id', j.item_id, 'parsed_item_id', j.parsed_item_id, 'doc_type', j.doc_type,
                                                    'has_chunks', j.has_chunks, 'flags', j.flags::json)
               ELSE json_build_object('inbox_item_id', j.item_id, 'reason', j.reason, 'error_class', j.error_class, 'retriable', false) END::text) AS payloads,
           array_agg(coalesce(j.item_id, j.id) || ':' || j.replay_count) AS keys,
           array_agg('1.0'::text) AS versions, array_agg(j.trace_id) AS traces
      FROM judged j WHERE j.status <> 'duplicate'
), told AS MATERIALIZED (
    SELECT t.event_id FROM news n CROSS JOIN LATERAL zero_admin.enqueue_events(n.tenants, n.types, n.payloads, n.keys, n.versions, n.traces) t
     WHERE n.tenants IS NOT NULL
), counted AS (
    UPDATE zero_admin.runner_heartbeats r
       SET attempts_total = r.attempts_total + n.count, done_total = r.done_total + n.read, failures_total = r.failures_total + n.refused,
           last_success_at = CASE WHEN n.count > 0 THEN now() ELSE r.last_success_at END,
           duration_ms_sum = r.duration_ms_sum + n.sum, chunk_bytes_total = r.chunk_bytes_total + (SELECT coalesce(sum(c.bytes), 0) FROM cut c)
      FROM (SELECT count(*) AS count, count(*) FILTER (WHERE j.status = 'parsed') AS read, count(*) FILTER (WHERE j.status = 'error') AS refused,
                   coalesce(sum(j.duration_ms), 0) AS sum
              FROM judged j WHERE j.is_fresh) n
     WHERE r.id = $15
)
SELECT j.id, j.status, CASE j.status WHEN 'error' THEN j.reason END AS reason, CASE j.status WHEN 'error' THEN j.error_class END AS error_class,
       (SELECT count(*) FROM told) AS told
  FROM judged j
UNION ALL
SELECT d.id, 'duplicate', NULL, NULL, 0 FROM given JOIN zero_admin.outbox_done d USING (id) WHERE $14 AND d.status = 'sent'
