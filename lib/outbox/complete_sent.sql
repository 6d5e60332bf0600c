-- Completes delivered events that are still held, and counts them.
-- Yields those, and, of the ones marked as resubmitted (the answer to an earlier try was lost with the
-- connection), those that are completed already.
-- One plan: as in claim.sql. Each row is found by its key, and deleted by its place; the token again, should another have
-- taken it over in between.
-- $1::uuid[]    events
-- $2::uuid[]    their lease tokens
-- $3::bigint[]  how long each attempt took, in milliseconds
-- $4::boolean   resubmitted
-- $5::bigint    endpoint (null: none)
-- $6::uuid      the runner's row
WITH given AS MATERIALIZED (
    SELECT g.id, g.token, g.duration_ms FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS g(id, token, duration_ms)
), held AS MATERIALIZED (
    SELECT h.at, g.token, g.duration_ms
      FROM given g
     CROSS JOIN LATERAL (SELECT q.ctid AS at FROM zero_admin.outbox_queue q WHERE q.id = g.id AND q.lease_token = g.token LIMIT 1) h
), gone AS (
    DELETE FROM zero_admin.outbox_queue q
     WHERE q.ctid = ANY (ARRAY(SELECT held.at FROM held)) AND q.lease_token = ANY (ARRAY(SELECT DISTINCT held.token FROM held))
    RETURNING q.id, q.attempt_count, q.replay_count
), kept AS (
    INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count, endpoint)
    SELECT gone.id, 'sent', gone.attempt_count + 1, gone.replay_count, $5 FROM gone
), counted AS (
    UPDATE zero_admin.runner_heartbeats r
       SET attempts_total = r.attempts_total + n.count, done_total = r.done_total + n.count, duration_ms_sum = r.duration_ms_sum + n.sum,
           last_success_at = CASE WHEN n.count > 0 THEN now() ELSE r.last_success_at END
      FROM (SELECT (SELECT count(*) FROM gone) AS count, (SELECT coalesce(sum(held.duration_ms), 0) FROM held) AS sum) n
     WHERE r.id = $6
)
SELECT gone.id FROM gone
UNION ALL
SELECT d.id FROM given g CROSS JOIN LATERAL (SELECT o.id FROM zero_admin.outbox_done o WHERE o.id = g.id AND o.status = 'sent' LIMIT 1) d WHERE $4
