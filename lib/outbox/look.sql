-- What there is to do, beside what a claim finds.
-- $1::text[]    types to take (null: all)
-- $2::text[]    types to leave alone
-- $3::bigint    endpoint (null: none)
-- $4::text[]    types that are known
-- $5::bigint[]  what of such a type fell due earlier is not counted, in microseconds since 1970 (null: all is)
-- $6::bigint    leases that were over earlier are not looked for, likewise
WITH RECURSIVE types AS (
    -- As in claim.sql, and what is leased besides.
    SELECT k.event_type, k.floor, lead(k.event_type) OVER (ORDER BY k.event_type) AS next_known
      FROM (SELECT n.event_type, max(n.floor) AS floor
              FROM (SELECT '' AS event_type, NULL::bigint AS floor
                    UNION ALL SELECT unnest($1::text[] || $2::text[]), NULL
                    UNION ALL SELECT f.event_type, f.floor FROM unnest($4::text[], $5::bigint[]) AS f(event_type, floor)) n
             GROUP BY n.event_type) k
    UNION ALL
    SELECT CASE WHEN t.next_known IS NULL
                THEN (SELECT min(n.event_type) FROM (
                          (SELECT q.event_type FROM zero_admin.outbox_queue q
                            WHERE q.lease_until IS NULL AND q.event_type > t.event_type ORDER BY q.event_type LIMIT 1)
                          UNION ALL
                          (SELECT q.event_type FROM zero_admin.outbox_queue q
                            WHERE q.lease_until IS NOT NULL AND q.event_type > t.event_type ORDER BY q.event_type LIMIT 1)) n)
                ELSE (SELECT min(n.event_type) FROM (
                          (SELECT q.event_type FROM zero_admin.outbox_queue q
                            WHERE q.lease_until IS NULL AND q.event_type > t.event_type AND q.event_type < t.next_known ORDER BY q.event_type LIMIT 1)
                          UNION ALL
                          (SELECT q.event_type FROM zero_admin.outbox_queue q
                            WHERE q.lease_until IS NOT NULL AND q.event_type > t.event_type AND q.event_type < t.next_known ORDER BY q.event_type LIMIT 1)) n)
           END, NULL, t.next_known
      FROM types t WHERE t.event_type IS NOT NULL AND $1::text[] IS NULL
), wanted AS MATERIALIZED (
    SELECT t.event_type, timestamptz 'epoch' + t.floor * interval '1 microsecond' AS floor
      FROM types t WHERE ($1::text[] IS NULL OR t.event_type = ANY ($1)) AND t.event_type <> ALL ($2::text[])
), suspect AS MATERIALIZED (
    SELECT min(s.lease_until) AS lease_until FROM wanted w CROSS JOIN LATERAL (
           SELECT q.lease_until FROM zero_admin.outbox_queue q
            WHERE q.event_type = w.event_type AND q.lease_until IS NOT NULL AND q.lease_until <= now()
              AND q.lease_until >= coalesce(timestamptz 'epoch' + $6::bigint * interval '1 microsecond', '-infinity')
            ORDER BY q.lease_until LIMIT 1) s
), breaker AS MATERIALIZED (
    SELECT b.state, b.reason, b.probe_at FROM zero_admin.delivery_breakers b WHERE b.endpoint = $3
)
SELECT (SELECT s.lease_until IS NOT NULL FROM suspect s) AS suspects,
       (SELECT count(*) FROM (SELECT FROM wanted w CROSS JOIN LATERAL (
            SELECT FROM zero_admin.outbox_queue q
             WHERE q.event_type = w.event_type AND q.lease_until IS NULL AND q.due_at <= now() AND q.due_at >= coalesce(w.floor, '-infinity')
             LIMIT 1000) s LIMIT 1000) n) AS backlog,
       coalesce((SELECT b.state = 'open' FROM breaker b), false) AS breaker_open,
       (SELECT b.reason FROM breaker b) AS breaker_reason,
       (SELECT greatest(0, extract(epoch FROM b.probe_at - now()) * 1000)::bigint FROM breaker b) AS probe_in_ms,
       (SELECT (extract(epoch FROM coalesce(s.lease_until, now())) * 1000000)::bigint FROM suspect s) AS no_lease_over_before_us
