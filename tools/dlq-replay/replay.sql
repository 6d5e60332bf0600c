-- Puts the event of one dead letter back into the queue, resolves the letter, and writes that down: all of it or nothing.
-- Yields the letter and what came of it; no row when the lease of this run was taken over or the letter is gone.
-- The event comes back as it was (id, key, schema version, trace, payload), due now, with no attempts and one replay more.
-- $1::uuid  this run
-- $2::uuid  letter
-- $3::int   most replays of one event
-- $4::int   length of the lease in seconds
WITH held AS MATERIALIZED (
    SELECT s.run_id, a.actor_hash, a.key_id, a.host, a.os_user, a.os_uid, a.action, a.cause
      FROM zero_admin.replay_state s JOIN zero_admin.ops_audit a ON a.run_id = s.run_id AND a.kind = 'run'
     WHERE s.run_id = $1
       FOR UPDATE OF s
), letter AS MATERIALIZED (
    SELECT l.*, CASE WHEN l.resolved_at IS NOT NULL THEN 'resolved' WHEN l.generation >= $3 THEN 'guarded' END AS refused
      FROM held CROSS JOIN zero_admin.dead_letters l
     WHERE l.id = $2
       FOR UPDATE OF l
), restored AS (
    -- Removed meanwhile: back from the letter's own copy, unless its key has been taken.
    INSERT INTO zero_admin.outbox_events (id, tenant_id, created_at, event_type, schema_version, idempotency_key, trace_id, payload)
    SELECT l.event_id, l.tenant_id, l.event_created_at, l.event_type, l.schema_version, l.idempotency_key, l.trace_id, l.payload_json
      FROM letter l WHERE l.refused IS NULL
    ON CONFLICT DO NOTHING
    RETURNING id
), queued AS (
    INSERT INTO zero_admin.outbox_queue (id, tenant_id, event_type, replay_count)
    SELECT l.event_id, l.tenant_id, l.event_type, l.generation + 1
      FROM letter l
     WHERE l.refused IS NULL
       AND (EXISTS (SELECT FROM restored) OR EXISTS (SELECT FROM zero_admin.outbox_events e WHERE e.id = l.event_id))
    ON CONFLICT (id) DO NOTHING
    RETURNING id
), unfinished AS (
    DELETE FROM zero_admin.outbox_done d USING queued WHERE d.id = queued.id
), resolved AS (
    UPDATE zero_admin.dead_letters l SET resolved_at = clock_timestamp(), resolution = 'replayed'
      FROM letter JOIN queued ON queued.id = letter.event_id
     WHERE l.id = letter.id
), verdict AS MATERIALIZED (
    SELECT l.id, l.event_id, coalesce(l.refused, CASE WHEN EXISTS (SELECT FROM queued) THEN 'replayed' ELSE 'conflict' END) AS outcome FROM letter l
), told AS (
    INSERT INTO zero_admin.ops_audit (run_id, kind, actor_hash, key_id, host, os_user, os_uid, action, cause, dead_letter_id, event_id, outcome)
    SELECT h.run_id, 'item', h.actor_hash, h.key_id, h.host, h.os_user, h.os_uid, h.action, h.cause, v.id, v.event_id, v.outcome
      FROM held h CROSS JOIN verdict v
), counted AS (
    UPDATE zero_admin.replay_state s
       SET lease_until = now() + make_interval(secs => $4), attempts_total = s.attempts_total + 1,
           committed_total = s.committed_total + (v.outcome = 'replayed')::int
      FROM verdict v WHERE s.run_id = $1
)
SELECT l.id, l.event_id, l.tenant_id, l.event_type, l.reason, greatest(0, extract(epoch FROM now() - l.failed_at))::bigint AS age_s,
       l.generation + (v.outcome = 'replayed')::int AS replay_count, v.outcome
  FROM letter l JOIN verdict v USING (id)
