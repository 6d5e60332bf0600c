-- Settles failed attempts of events that are still held: charged and due again later, given back, or dead. In the order given.
-- A failure that may be the endpoint's is charged only if the endpoint accepted another event since the
-- event's previous attempt (for a first attempt: since this one was sent); else it is given back, due as it was.
-- One plan: as in claim.sql and complete_sent.sql, for a failure goes with what was delivered beside it. Here, too, rows are not locked
-- before they are written: one that is free again would bear the number of the lock, and claims would pass it over.
-- $1::uuid[]     events
-- $2::uuid[]     their lease tokens
-- $3::text[]     reason of each
-- $4::boolean[]  dead at once
-- $5::boolean[]  may be the endpoint's fault
-- $6::bigint[]   how long ago each attempt began, in milliseconds
-- $7::bigint[]   wait before the next attempt if charged, in milliseconds
-- $8::bigint[]   how long each attempt took, in milliseconds (null: nothing was sent)
-- $9::int        retries after the first attempt
-- $10::bigint    endpoint (null: none)
-- $11::uuid      the runner's row
WITH given AS MATERIALIZED (
    SELECT g.*, clock_timestamp() - make_interval(secs => g.began_ms / 1000.0) AS began_at
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[])
           WITH ORDINALITY AS g(id, token, reason, final, endpoint_fault, began_ms, wait_ms, duration_ms, nth)
), held AS MATERIALIZED (
    SELECT h.at, g.nth, g.id, g.token, h.attempt_count, h.replay_count, g.reason, g.final, g.wait_ms, g.duration_ms,
           -- Ordered, so that only what was done since is read, however much was done before.
           g.final OR NOT g.endpoint_fault OR (
               SELECT d.done_at FROM zero_admin.outbox_done d
                WHERE d.done_at > coalesce(h.last_attempt_at, g.began_at) AND d.status = 'sent' AND d.endpoint = $10
                ORDER BY d.done_at DESC LIMIT 1) IS NOT NULL AS charged
      FROM given g
     CROSS JOIN LATERAL (SELECT q.ctid AS at, q.attempt_count, q.replay_count, q.last_attempt_at FROM zero_admin.outbox_queue q
                          WHERE q.id = g.id AND q.lease_token = g.token LIMIT 1) h
), judged AS MATERIALIZED (
    SELECT h.*, CASE WHEN h.final OR (h.charged AND h.attempt_count + 1 > $9) THEN 'dead' WHEN h.charged THEN 'retry' ELSE 'given_back' END AS verdict
      FROM held h
), kept AS (
    UPDATE zero_admin.outbox_queue q
       SET lease_token = NULL, lease_owner = NULL, lease_until = NULL, lease_alone = false,
           attempt_count = q.attempt_count + (j.verdict = 'retry')::int,
           due_at = CASE WHEN j.verdict = 'retry' THEN now() + make_interval(secs => j.wait_ms / 1000.0) ELSE q.due_at END,
           last_attempt_at = clock_timestamp(), last_error = j.reason, updated_at = now()
      FROM judged j
     WHERE q.ctid = j.at AND q.lease_token = j.token AND j.verdict <> 'dead'
    RETURNING j.nth, q.id, j.verdict, q.due_at, j.duration_ms
), gone AS (
    DELETE FROM zero_admin.outbox_queue q
     USING judged j
     WHERE q.ctid = j.at AND q.lease_token = j.token AND j.verdict = 'dead'
    RETURNING j.*
), settled AS (
    SELECT k.* FROM kept k
    UNION ALL
    SELECT g.nth, g.id, g.verdict, NULL, g.duration_ms FROM gone g
), done AS (
    INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count, endpoint, last_error)
    SELECT g.id, 'dlq', g.attempt_count + (g.duration_ms IS NOT NULL)::int, g.replay_count, $10, g.reason FROM gone g
), buried AS (
    INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_type, schema_version, idempotency_key, trace_id, payload_json,
                                         event_created_at, attempt_count, generation, reason, last_error)
    SELECT e.id, e.tenant_id, e.event_type, e.schema_version, e.idempotency_key, e.trace_id, e.payload,
           e.created_at, g.attempt_count + (g.duration_ms IS NOT NULL)::int, g.replay_count, g.reason, g.reason
      FROM gone g CROSS JOIN LATERAL (SELECT * FROM zero_admin.outbox_events o WHERE o.id = g.id LIMIT 1) e
), counted AS (
    UPDATE zero_admin.runner_heartbeats r
       SET attempts_total = r.attempts_total + n.attempts, failures_total = r.failures_total + n.attempts,
           dead_total = r.dead_total + n.dead, duration_ms_sum = r.duration_ms_sum + n.sum
      FROM (SELECT count(*) FILTER (WHERE verdict <> 'given_back' AND duration_ms IS NOT NULL) AS attempts, count(*) FILTER (WHERE verdict = 'dead') AS dead,
                   coalesce(sum(duration_ms) FILTER (WHERE verdict <> 'given_back'), 0) AS sum FROM settled) n
     WHERE r.id = $11
)
SELECT s.id, s.verdict, to_char(s.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS next_attempt_at
  FROM settled s
 ORDER BY s.nth
