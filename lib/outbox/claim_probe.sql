-- Leases one event to probe an open breaker with, when a probe is due and nobody else is probing.
-- Rotates over events by id from where the last probe was, and prefers another tenant than the last
-- one among the next thousand; when those are all of one tenant, the next probe begins behind them.
-- $1::int     length of the lease in seconds
-- $2::text    who claims
-- $3::text[]  types to take (null: all)
-- $4::text[]  types to leave alone
-- $5::bigint  endpoint
-- $6::int     how long the probe may take, in milliseconds
WITH turn AS MATERIALIZED (
    SELECT b.probe_cursor, b.probe_tenant FROM zero_admin.delivery_breakers b
     WHERE b.endpoint = $5 AND b.state = 'open' AND b.probe_at <= now() FOR UPDATE SKIP LOCKED
), ahead AS MATERIALIZED (
    SELECT q.id, q.tenant_id
      FROM turn CROSS JOIN LATERAL (
        SELECT n.id, n.tenant_id FROM zero_admin.outbox_queue n
         WHERE n.id > coalesce(turn.probe_cursor, '00000000-0000-0000-0000-000000000000')
           AND coalesce(n.lease_until, n.due_at) <= now()
           AND ($3::text[] IS NULL OR n.event_type = ANY ($3)) AND n.event_type <> ALL ($4::text[])
         ORDER BY n.id LIMIT 1000) q
), first AS MATERIALIZED (
    SELECT n.id, n.tenant_id FROM turn CROSS JOIN LATERAL (
        SELECT m.id, m.tenant_id FROM zero_admin.outbox_queue m
         WHERE coalesce(m.lease_until, m.due_at) <= now()
           AND ($3::text[] IS NULL OR m.event_type = ANY ($3)) AND m.event_type <> ALL ($4::text[])
         ORDER BY m.id LIMIT 1) n
     WHERE NOT EXISTS (SELECT FROM ahead)
), chosen AS MATERIALIZED (
    SELECT c.id, c.tenant_id FROM (SELECT * FROM ahead UNION ALL SELECT * FROM first) c CROSS JOIN turn
     ORDER BY c.tenant_id IS NOT DISTINCT FROM turn.probe_tenant, c.id LIMIT 1
), picked AS MATERIALIZED (
    SELECT q.id, q.tenant_id, q.lease_alone AND q.lease_token IS NOT NULL AS charged
      FROM chosen JOIN zero_admin.outbox_queue q USING (id) FOR UPDATE OF q SKIP LOCKED
), marked AS (
    UPDATE zero_admin.delivery_breakers b
       SET probe_at = now() + make_interval(secs => $6 / 1000.0),
           probe_tenant = picked.tenant_id,
           probe_cursor = CASE WHEN picked.tenant_id IS DISTINCT FROM turn.probe_tenant THEN picked.id
                               ELSE coalesce((SELECT max(a.id::text)::uuid FROM ahead a HAVING count(*) = 1000), picked.id) END
      FROM picked CROSS JOIN turn
     WHERE b.endpoint = $5
)
UPDATE zero_admin.outbox_queue q
   SET lease_token = gen_random_uuid(), lease_until = now() + make_interval(secs => $1), lease_owner = $2, lease_alone = true, updated_at = now(),
       attempt_count = q.attempt_count + picked.charged::int,
       last_error = CASE WHEN picked.charged THEN 'lease_expired' ELSE q.last_error END
  FROM picked JOIN zero_admin.outbox_events e USING (id)
 WHERE q.id = picked.id
RETURNING q.id, q.lease_token, q.attempt_count, q.replay_count, picked.charged,
          (date_part('epoch', now() - q.due_at) * 1000000)::bigint AS lag_us,
          e.tenant_id, e.event_type, e.schema_version, e.trace_id,
          (date_part('epoch', e.created_at) * 1000000)::bigint AS created_us, e.payload,
          (date_part('epoch', q.due_at) * 1000000)::bigint AS due_us
