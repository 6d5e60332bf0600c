-- Resolves one dead letter without a replay, and writes that down. Yields the letter and what came of it; no row when the lease of this run
-- was taken over or the letter is gone.
-- $1::uuid  this run
-- $2::uuid  letter
-- $3::int   length of the lease in seconds
WITH held AS MATERIALIZED (
    SELECT s.run_id, a.actor_hash, a.key_id, a.host, a.os_user, a.os_uid, a.action, a.cause
      FROM zero_admin.replay_state s JOIN zero_admin.ops_audit a ON a.run_id = s.run_id AND a.kind = 'run'
     WHERE s.run_id = $1
       FOR UPDATE OF s
), letter AS MATERIALIZED (
    SELECT l.*, CASE WHEN l.resolved_at IS NULL THEN 'discarded' ELSE 'resolved' END AS outcome
      FROM held CROSS JOIN zero_admin.dead_letters l
     WHERE l.id = $2
       FOR UPDATE OF l
), resolved AS (
    UPDATE zero_admin.dead_letters l SET resolved_at = clock_timestamp(), resolution = 'discarded'
      FROM letter WHERE l.id = letter.id AND letter.outcome = 'discarded'
), told AS (
    INSERT INTO zero_admin.ops_audit (run_id, kind, actor_hash, key_id, host, os_user, os_uid, action, cause, dead_letter_id, event_id, outcome)
    SELECT h.run_id, 'item', h.actor_hash, h.key_id, h.host, h.os_user, h.os_uid, h.action, h.cause, l.id, l.event_id, l.outcome
      FROM held h CROSS JOIN letter l
), renewed AS (
    UPDATE zero_admin.replay_state s SET lease_until = now() + make_interval(secs => $3) FROM letter WHERE s.run_id = $1
)
SELECT l.id, l.event_id, l.tenant_id, l.event_type, l.reason, greatest(0, extract(epoch FROM now() - l.failed_at))::bigint AS age_s,
       l.generation AS replay_count, l.outcome
  FROM letter l
