-- Removes the oldest finished events of a certain age with their payloads and their marks in processed_events:
-- sent ones, and dead ones whose dead letter is resolved. Yields how many, and whether there may be more.
-- $1::int  days
-- $2::int  how many at most
WITH old AS MATERIALIZED (
    SELECT d.id FROM zero_admin.outbox_done d
     WHERE d.done_at < now() - make_interval(days => $1)
       AND (d.status <> 'dlq' OR NOT EXISTS (SELECT FROM zero_admin.dead_letters l WHERE l.event_id = d.id AND l.resolved_at IS NULL))
     ORDER BY d.done_at LIMIT $2 FOR UPDATE SKIP LOCKED
), done AS (
    DELETE FROM zero_admin.outbox_done d USING old WHERE d.id = old.id RETURNING d.id
), events AS (
    DELETE FROM zero_admin.outbox_events e USING old
     WHERE e.id = old.id AND NOT EXISTS (SELECT FROM zero_admin.outbox_queue q WHERE q.id = e.id)
    RETURNING e.tenant_id, e.event_type, e.idempotency_key
), marks AS (
    DELETE FROM zero_admin.processed_events p USING events e
     WHERE p.tenant_id = e.tenant_id AND p.event_type = e.event_type AND p.idempotency_key = e.idempotency_key
)
SELECT count(*) FROM done
