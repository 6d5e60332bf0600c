-- Tells that the documents of events that became dead letters in this transaction will not be read: the item and the follow-up
-- event. Its key carries the replay generation, so that a later failure after a replay is told again, and this one only once.
-- $1::uuid[]     events
-- $2::int[]      their replay generation
-- $3::uuid[]     inbox items
-- $4::text[]     error_class
-- $5::boolean[]  a replay may help
WITH dead AS MATERIALIZED (
    SELECT g.item_id, g.error_class, g.retriable, g.generation, d.tenant_id, d.trace_id, d.reason
      FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::boolean[]) AS g(id, generation, item_id, error_class, retriable)
      JOIN zero_admin.dead_letters d ON d.event_id = g.id AND d.generation = g.generation
), marked AS (
    UPDATE zero_admin.inbox_items i SET status = 'error', updated_at = now()
      FROM dead d WHERE i.id = d.item_id AND i.tenant_id = d.tenant_id AND i.status <> 'parsed'
), news AS MATERIALIZED (
    SELECT array_agg(d.tenant_id) AS tenants, array_agg('InboxItemParseFailed'::text) AS types,
           array_agg(json_build_object('inbox_item_id', d.item_id, 'reason', d.reason, 'error_class', d.error_class, 'retriable', d.retriable)::text) AS payloads,
           array_agg(d.item_id || ':' || d.generation) AS keys, array_agg('1.0'::text) AS versions, array_agg(d.trace_id) AS traces
      FROM dead d
)
SELECT count(*) FROM news n CROSS JOIN LATERAL zero_admin.enqueue_events(n.tenants, n.types, n.payloads, n.keys, n.versions, n.traces) t
 WHERE n.tenants IS NOT NULL
