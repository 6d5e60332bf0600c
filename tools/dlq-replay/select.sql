-- A page of dead letters, oldest first, each with what a replay would come to.
-- $1::uuid        tenant (null: all)
-- $2::uuid[]      letters, the resolved ones too (null: all that are open)
-- $3::text[]      event types (null: all)
-- $4::text[]      reasons (null: all)
-- $5::bigint      dead for longer than that, in milliseconds (null: any)
-- $6::bigint      dead for less than that, in milliseconds (null: any)
-- $7::timestamptz  when the last letter of the page before died (null: first page)
-- $8::uuid        and its id
-- $9::int         most replays of one event
-- $10::int        how many at most
SELECT l.id, l.event_id, l.tenant_id, l.event_type, l.reason, greatest(0, extract(epoch FROM now() - l.failed_at))::bigint AS age_s, l.generation,
       CASE WHEN l.resolved_at IS NOT NULL THEN 'resolved'
            WHEN l.generation >= $9 THEN 'guarded'
            WHEN EXISTS (SELECT FROM zero_admin.outbox_events e
                          WHERE e.tenant_id = l.tenant_id AND e.idempotency_key = l.idempotency_key AND e.event_type = l.event_type AND e.id <> l.event_id)
              OR EXISTS (SELECT FROM zero_admin.outbox_queue q WHERE q.id = l.event_id) THEN 'conflict'
            ELSE 'open' END AS outcome,
       to_char(l.failed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS failed_at
  FROM zero_admin.dead_letters l
 WHERE ($2::uuid[] IS NOT NULL OR l.resolved_at IS NULL)
   AND ($1::uuid IS NULL OR l.tenant_id = $1)
   AND ($2::uuid[] IS NULL OR l.id = ANY ($2))
   AND ($3::text[] IS NULL OR l.event_type = ANY ($3))
   AND ($4::text[] IS NULL OR l.reason = ANY ($4))
   AND ($5::bigint IS NULL OR l.failed_at < now() - make_interval(secs => $5 / 1000.0))
   AND ($6::bigint IS NULL OR l.failed_at > now() - make_interval(secs => $6 / 1000.0))
   AND ($7::timestamptz IS NULL OR (l.failed_at, l.id) > ($7::timestamptz, $8::uuid))
 ORDER BY l.failed_at, l.id
 LIMIT $10
