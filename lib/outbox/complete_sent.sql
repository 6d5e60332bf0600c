-- Completes delivered events that are still held, and counts them.
-- Yields those, and, of the ones marked as resubmitted (the answer to an earlier try was lost with the
-- connection), those that are completed already.
-- $1::uuid[]    events
-- $2::uuid[]    their lease tokens
-- $3::bigint[]  how long each attempt took, in milliseconds
-- $4::boolean   resubmitted
-- $5::bigint    endpoint (null: none)
-- $6::uuid      the runner's row
WITH given AS MATERIALIZED (
    SELECT g.id, g.token, g.duration_ms FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS g(id, token, duration_ms)
), gone AS (
    DELETE FROM zero_admin.outbox_queue q USING given g
     WHERE q.id = ANY (ARRAY(SELECT given.id FROM given)) AND q.id = g.id AND q.lease_token = g.token
    RETURNING q.id, q.attempt_count, q.replay_count, g.duration_ms
), kept AS (
    INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count, endpoint)
    SELECT gone.id, 'sent', gone.attempt_count + 1, gone.replay_count, $5 FROM gone
), counted AS (
    UPDATE zero_admin.runner_heartbeats r
       SET attempts_total = r.attempts_total + n.count, done_total = r.done_total + n.count, duration_ms_sum = r.duration_ms_sum + n.sum,
           last_success_at = CASE WHEN n.count > 0 THEN now() ELSE r.last_success_at END
      FROM (SELECT count(*) AS count, coalesce(sum(gone.duration_ms), 0) AS sum FROM gone) n
     WHERE r.id = $6
)
SELECT gone.id FROM gone
UNION ALL
SELECT d.id FROM given JOIN zero_admin.outbox_done d USING (id) WHERE $4 AND d.status = 'sent'
