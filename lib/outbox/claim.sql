-- Leases due events that nobody holds: alerts first, then the type with the oldest due event first,
-- within a type by due time. A loose index scan finds the types, so a backlog of a type that is not
-- wanted costs nothing. Takes none while the endpoint's breaker is open.
-- Rows are found by ANY (ARRAY(…)), here and in the other statements of the queue: joined to a list, the
-- planner would rather read the whole queue and hash it, and every batch would cost what the backlog is.
-- Here it is by place: a row that this statement has locked stays where it is.
-- One plan: no table is joined to anything, for to join it the planner may read all of it in the order of its key. LIMIT 1
-- keeps a subquery what it is.
-- $1::int     how many at most
-- $2::int     length of the lease in seconds
-- $3::text    who claims
-- $4::text[]  types to take (null: all)
-- $5::text[]  types to leave alone
-- $6::bigint  endpoint (null: none)
-- $7::text[]  types that are known
-- $8::bigint[]  nothing of such a type is to be looked for that fell due earlier, in microseconds since 1970 (null: from the beginning)
-- $9::bigint[]  how far to look on at a time, in microseconds, past what others hold (null: from event to event). Instead of the list
--               null: nothing is to be passed over
WITH RECURSIVE types AS (
    -- The known ones, and in the gaps between them the others: what is finished of a known type is not read for that.
    SELECT k.event_type, timestamptz 'epoch' + k.floor * interval '1 microsecond' AS floor, k.step * interval '1 microsecond' AS step,
           lead(k.event_type) OVER (ORDER BY k.event_type) AS next_known
      FROM (SELECT n.event_type, max(n.floor) AS floor, max(n.step) AS step
              FROM (SELECT '' AS event_type, NULL::bigint AS floor, NULL::bigint AS step
                    UNION ALL SELECT unnest($4::text[] || $5::text[]), NULL, NULL
                    UNION ALL SELECT f.event_type, f.floor, f.step FROM unnest($7::text[], $8::bigint[], $9::bigint[]) AS f(event_type, floor, step)) n
             GROUP BY n.event_type) k
    UNION ALL
    SELECT CASE WHEN t.next_known IS NULL
                THEN (SELECT q.event_type FROM zero_admin.outbox_queue q
                       WHERE q.event_type > t.event_type ORDER BY q.event_type LIMIT 1)
                ELSE (SELECT q.event_type FROM zero_admin.outbox_queue q
                       WHERE q.event_type > t.event_type AND q.event_type < t.next_known ORDER BY q.event_type LIMIT 1)
           END, NULL, NULL, t.next_known
      FROM types t WHERE t.event_type IS NOT NULL AND $4::text[] IS NULL
), heads AS MATERIALIZED (
    SELECT t.event_type, h.due_at
      FROM types t
     CROSS JOIN LATERAL (
           -- The last that was not free of those before the first that is.
           WITH RECURSIVE looks AS (
               SELECT t.floor AS due_at, false AS free
               UNION ALL
               SELECT n.due_at, n.free
                 FROM looks l
                CROSS JOIN LATERAL (SELECT q.due_at, q.lease_until IS NULL AND q.xmax = 0 AS free FROM zero_admin.outbox_queue q
                                     WHERE q.event_type = t.event_type AND q.due_at <= now() AND q.due_at >= l.due_at + t.step
                                     ORDER BY q.due_at LIMIT 1) n
                WHERE NOT l.free
           )
           SELECT CASE WHEN bool_or(l.free) THEN max(l.due_at) FILTER (WHERE NOT l.free) ELSE t.floor END AS due_at FROM looks l
           ) begins
     CROSS JOIN LATERAL (SELECT q.due_at FROM zero_admin.outbox_queue q
                          WHERE q.event_type = t.event_type AND q.lease_until IS NULL AND q.due_at <= now()
                            AND q.due_at >= coalesce(begins.due_at, '-infinity')
                          ORDER BY q.due_at LIMIT 1) h
     WHERE ($4::text[] IS NULL OR t.event_type = ANY ($4)) AND t.event_type <> ALL ($5::text[])
       AND NOT EXISTS (SELECT FROM zero_admin.delivery_breakers b WHERE b.endpoint = $6 AND b.state = 'open')
     ORDER BY t.event_type <> 'OpsAlert', h.due_at
), picked AS MATERIALIZED (
    -- What another transaction has locked, or had before it was undone, bears its number. To let SKIP LOCKED find out costs ten times as
    -- much, and where eight runners claim they find seven batches of each other's on their way.
    SELECT p.at
      FROM heads
     CROSS JOIN LATERAL (SELECT q.ctid AS at FROM zero_admin.outbox_queue q
                          WHERE q.event_type = heads.event_type AND q.lease_until IS NULL AND q.due_at <= now() AND q.due_at >= heads.due_at
                            AND ($9::bigint[] IS NULL OR q.xmax = 0)
                          ORDER BY q.due_at LIMIT $1 FOR UPDATE SKIP LOCKED) p
     LIMIT $1
), lease AS MATERIALIZED (
    SELECT gen_random_uuid() AS token
), taken AS (
    UPDATE zero_admin.outbox_queue q
       SET lease_token = lease.token, lease_until = now() + make_interval(secs => $2), lease_owner = $3, lease_alone = false, updated_at = now()
      FROM lease
     WHERE q.ctid = ANY (ARRAY(SELECT picked.at FROM picked))
    RETURNING q.id, q.lease_token, q.attempt_count, q.replay_count, q.due_at
)
SELECT t.id, t.lease_token, t.attempt_count, t.replay_count, false AS charged,
       (date_part('epoch', now() - t.due_at) * 1000000)::bigint AS lag_us,
       e.tenant_id, e.event_type, e.schema_version, e.trace_id,
       (date_part('epoch', e.created_at) * 1000000)::bigint AS created_us, e.payload,
       (date_part('epoch', t.due_at) * 1000000)::bigint AS due_us
  FROM taken t
 CROSS JOIN LATERAL (SELECT * FROM zero_admin.outbox_events o WHERE o.id = t.id LIMIT 1) e
