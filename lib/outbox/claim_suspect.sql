-- Leases one event whose holder vanished, alone: should its holder vanish again, it is charged.
-- One plan: as in claim.sql.
-- $1::int     length of the lease in seconds
-- $2::text    who claims
-- $3::text[]  types to take (null: all)
-- $4::text[]  types to leave alone
-- $5::bigint  endpoint (null: none)
-- $6::text[]  types that are known
-- $7::bigint  none that fell due earlier is looked for, in microseconds since 1970 (null: from the beginning)
WITH RECURSIVE types AS (
    -- As in claim.sql.
    SELECT k.event_type, lead(k.event_type) OVER (ORDER BY k.event_type) AS next_known
      FROM (SELECT '' AS event_type UNION SELECT unnest($3::text[] || $4::text[] || $6::text[])) k
    UNION ALL
    SELECT CASE WHEN t.next_known IS NULL
                THEN (SELECT q.event_type FROM zero_admin.outbox_queue q WHERE q.event_type > t.event_type ORDER BY q.event_type LIMIT 1)
                ELSE (SELECT q.event_type FROM zero_admin.outbox_queue q
                       WHERE q.event_type > t.event_type AND q.event_type < t.next_known ORDER BY q.event_type LIMIT 1)
           END, t.next_known
      FROM types t WHERE t.event_type IS NOT NULL AND $3::text[] IS NULL
), ahead AS MATERIALIZED (
    -- Among the next thousand of a type that nobody holds, as in look.sql. A few, for others may be at the first of them.
    SELECT a.at
      FROM types t
     CROSS JOIN LATERAL (SELECT q.ctid AS at, q.lease_until FROM zero_admin.outbox_queue q
                          WHERE q.event_type = t.event_type AND q.due_at <= now() AND (q.lease_until IS NULL OR q.lease_until <= now())
                            AND q.due_at >= coalesce(timestamptz 'epoch' + $7::bigint * interval '1 microsecond', '-infinity')
                          ORDER BY q.due_at LIMIT 1000) a
     WHERE a.lease_until IS NOT NULL AND ($3::text[] IS NULL OR t.event_type = ANY ($3)) AND t.event_type <> ALL ($4::text[])
       AND NOT EXISTS (SELECT FROM zero_admin.delivery_breakers b WHERE b.endpoint = $5 AND b.state = 'open')
     LIMIT 10
), picked AS MATERIALIZED (
    SELECT q.ctid AS at, q.lease_alone AND q.lease_token IS NOT NULL AS charged FROM zero_admin.outbox_queue q
     WHERE q.ctid = ANY (ARRAY(SELECT ahead.at FROM ahead)) AND q.lease_until <= now()
     ORDER BY q.due_at LIMIT 1 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE zero_admin.outbox_queue q
       SET lease_token = gen_random_uuid(), lease_until = now() + make_interval(secs => $1), lease_owner = $2, lease_alone = true, updated_at = now(),
           attempt_count = q.attempt_count + picked.charged::int,
           last_error = CASE WHEN picked.charged THEN 'lease_expired' ELSE q.last_error END
      FROM picked
     WHERE q.ctid = picked.at
    RETURNING q.id, q.lease_token, q.attempt_count, q.replay_count, picked.charged, q.due_at
)
SELECT t.id, t.lease_token, t.attempt_count, t.replay_count, t.charged,
       (date_part('epoch', now() - t.due_at) * 1000000)::bigint AS lag_us,
       e.tenant_id, e.event_type, e.schema_version, e.trace_id,
       (date_part('epoch', e.created_at) * 1000000)::bigint AS created_us, e.payload,
       (date_part('epoch', t.due_at) * 1000000)::bigint AS due_us
  FROM taken t
 CROSS JOIN LATERAL (SELECT * FROM zero_admin.outbox_events o WHERE o.id = t.id LIMIT 1) e
