-- What there is to do, beside what a claim finds.
-- One plan: as in claim.sql, with which it goes.
-- $1::text[]  types to take (null: all)
-- $2::text[]  types to leave alone
-- $3::bigint  endpoint (null: none)
-- $4::text[]  types that are known
-- $5::bigint  nothing that fell due earlier is looked for, in microseconds since 1970 (null: from the beginning)
WITH RECURSIVE types AS (
    -- As in claim.sql.
    SELECT k.event_type, lead(k.event_type) OVER (ORDER BY k.event_type) AS next_known
      FROM (SELECT '' AS event_type UNION SELECT unnest($1::text[] || $2::text[] || $4::text[])) k
    UNION ALL
    SELECT CASE WHEN t.next_known IS NULL
                THEN (SELECT q.event_type FROM zero_admin.outbox_queue q WHERE q.event_type > t.event_type ORDER BY q.event_type LIMIT 1)
                ELSE (SELECT q.event_type FROM zero_admin.outbox_queue q
                       WHERE q.event_type > t.event_type AND q.event_type < t.next_known ORDER BY q.event_type LIMIT 1)
           END, t.next_known
      FROM types t WHERE t.event_type IS NOT NULL AND $1::text[] IS NULL
), ahead AS MATERIALIZED (
    -- The next thousand of each type that nobody holds. One whose lease is over fell due before most of what is free, and comes to be
    -- among them as that is claimed.
    SELECT a.due_at, a.lease_until
      FROM types t
     CROSS JOIN LATERAL (SELECT q.due_at, q.lease_until FROM zero_admin.outbox_queue q
                          WHERE q.event_type = t.event_type AND q.due_at <= now() AND (q.lease_until IS NULL OR q.lease_until <= now())
                            AND q.due_at >= coalesce(timestamptz 'epoch' + $5::bigint * interval '1 microsecond', '-infinity')
                          ORDER BY q.due_at LIMIT 1000) a
     WHERE ($1::text[] IS NULL OR t.event_type = ANY ($1)) AND t.event_type <> ALL ($2::text[])
), found AS MATERIALIZED (
    SELECT min(a.due_at) FILTER (WHERE a.lease_until IS NOT NULL) AS suspect_due_at, count(*) FILTER (WHERE a.lease_until IS NULL) AS free FROM ahead a
), breaker AS MATERIALIZED (
    SELECT b.state, b.reason, b.probe_at FROM zero_admin.delivery_breakers b WHERE b.endpoint = $3
)
SELECT f.suspect_due_at IS NOT NULL AS suspects,
       least(f.free, 1000) AS backlog,
       coalesce((SELECT b.state = 'open' FROM breaker b), false) AS breaker_open,
       (SELECT b.reason FROM breaker b) AS breaker_reason,
       (SELECT greatest(0, extract(epoch FROM b.probe_at - now()) * 1000)::bigint FROM breaker b) AS probe_in_ms,
       coalesce((extract(epoch FROM f.suspect_due_at) * 1000000)::bigint, $5) AS no_suspect_due_before_us
  FROM found f
