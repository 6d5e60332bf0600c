-- Notes that events failed at the endpoint with no success since, and opens the breaker when enough did:
-- as many distinct events as the threshold says, or all that there are to deliver, when fewer.
-- The failure of a probe doubles the wait for the next one, up to ten times the first.
-- One plan: as in claim.sql, for a failure goes with what was delivered beside it.
-- $1::bigint   endpoint
-- $2::text     its host and port, for people
-- $3::uuid[]   events that failed
-- $4::int      threshold
-- $5::int      wait before the first probe, in milliseconds
-- $6::text     reason of the last failure
-- $7::boolean  one of them was the probe
-- $8::bigint   wait that the endpoint asked for, in milliseconds (0: none)
-- $9::text[]   types to take (null: all)
-- $10::text[]  types to leave alone
WITH RECURSIVE types AS (
    SELECT (SELECT q.event_type FROM zero_admin.outbox_queue q ORDER BY q.event_type LIMIT 1) AS event_type
    UNION ALL
    SELECT (SELECT q.event_type FROM zero_admin.outbox_queue q WHERE q.event_type > t.event_type ORDER BY q.event_type LIMIT 1)
      FROM types t WHERE t.event_type IS NOT NULL
), before AS MATERIALIZED (
    SELECT b.state, b.failing, b.probe_ms FROM zero_admin.delivery_breakers b WHERE b.endpoint = $1 FOR UPDATE
), wait AS MATERIALIZED (
    -- Until the next probe: the first one, or after a probe twice as long as before. What the endpoint asked for counts up to double.
    SELECT n.ms, now() + make_interval(secs => greatest(n.ms, least($8, 2 * n.ms)) / 1000.0) AS until
      FROM (SELECT coalesce((SELECT least(2 * greatest(b.probe_ms, $5), 10 * $5) FROM before b WHERE b.state = 'open'), $5) AS ms) n
), failing AS MATERIALIZED (
    SELECT array_agg(n.id) AS ids FROM (
        SELECT u.id FROM before b CROSS JOIN LATERAL unnest(b.failing) AS u(id)
        UNION
        SELECT u.id FROM unnest($3::uuid[]) AS u(id) LIMIT $4) n
), trip AS MATERIALIZED (
    SELECT f.ids,
           cardinality(f.ids) >= $4 OR (
               SELECT o.id FROM types t
                CROSS JOIN LATERAL (SELECT q.id FROM zero_admin.outbox_queue q
                                     WHERE q.event_type = t.event_type AND q.due_at <= now() AND q.id <> ALL (f.ids) ORDER BY q.due_at LIMIT 1) o
                WHERE ($9::text[] IS NULL OR t.event_type = ANY ($9)) AND t.event_type <> ALL ($10::text[]) LIMIT 1) IS NULL AS opens
      FROM failing f
)
INSERT INTO zero_admin.delivery_breakers AS b (endpoint, host, state, reason, failing, probe_ms, probe_at)
SELECT $1, $2, CASE WHEN t.opens THEN 'open' ELSE 'closed' END, $6, t.ids, w.ms, CASE WHEN t.opens THEN w.until END
  FROM trip t CROSS JOIN wait w
ON CONFLICT (endpoint) DO UPDATE
   -- Merged once more: of two publishers that meet here with the first failures, neither saw a row before.
   SET (failing, state, changed_at, reason, probe_ms, probe_at) = (
       SELECT m.ids, CASE WHEN m.open THEN 'open' ELSE 'closed' END,
              CASE WHEN m.open AND b.state = 'closed' THEN clock_timestamp() ELSE b.changed_at END,
              excluded.reason,
              CASE WHEN b.state = 'closed' OR $7 THEN excluded.probe_ms ELSE b.probe_ms END,
              -- Without effect while closed.
              CASE WHEN b.state = 'closed' OR $7 THEN w.until ELSE b.probe_at END
         FROM (SELECT n.ids, b.state = 'open' OR excluded.state = 'open' OR cardinality(n.ids) >= $4 AS open
                 FROM (SELECT ARRAY(SELECT DISTINCT u.id FROM unnest(b.failing || excluded.failing) AS u(id) LIMIT $4) AS ids) n) m
        CROSS JOIN wait w)
RETURNING b.state = 'open' AS open, b.state = 'open' AND coalesce((SELECT state FROM before), 'closed') <> 'open' AS opened,
          to_char(b.probe_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS probe_at
