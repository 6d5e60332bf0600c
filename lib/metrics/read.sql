-- The metrics snapshot, of one moment. Reads the queue by its index, open dead letters by theirs, and tables of a few
-- rows; never what is finished.
-- $1::text[]  types that the publisher takes (null: all)
-- $2::text[]  types that it leaves alone
WITH held AS MATERIALIZED (
    SELECT q.event_type, count(*) AS events, count(*) FILTER (WHERE coalesce(q.lease_until, q.due_at) <= now()) AS due,
           count(*) FILTER (WHERE q.lease_token IS NOT NULL) AS processing,
           count(*) FILTER (WHERE q.lease_until < now() - interval '60 seconds') AS stuck, min(q.due_at) AS oldest
      FROM zero_admin.outbox_queue q GROUP BY q.event_type
), queue AS (
    SELECT sum(h.events) AS events, sum(h.due) AS due, sum(h.processing) AS processing, sum(h.stuck) AS stuck,
           min(h.oldest) FILTER (WHERE ($1::text[] IS NULL OR h.event_type = ANY ($1)) AND h.event_type <> ALL ($2::text[])) AS publisher_oldest,
           min(h.oldest) FILTER (WHERE h.event_type = 'InboxItemValidated') AS worker_oldest
      FROM held h
), runners AS (
    SELECT r.name, sum(r.attempts_total) AS attempts, sum(r.done_total) AS done, sum(r.failures_total) AS failures,
           sum(r.duration_ms_sum) AS duration_ms, sum(r.chunk_bytes_total) AS chunk_bytes
      FROM zero_admin.runner_heartbeats r GROUP BY r.name
)
SELECT greatest(0, coalesce(floor(extract(epoch FROM now() - queue.publisher_oldest) * 1000), 0))::bigint AS publisher_lag_ms,
       greatest(0, coalesce(floor(extract(epoch FROM now() - queue.worker_oldest) * 1000), 0))::bigint AS worker_lag_ms,
       (SELECT count(*) FROM zero_admin.dead_letters l WHERE l.resolved_at IS NULL) AS dlq_size,
       coalesce(queue.events - queue.processing, 0)::bigint AS outbox_pending,
       coalesce(queue.due, 0)::bigint AS outbox_due,
       coalesce(queue.processing, 0)::bigint AS outbox_processing,
       coalesce(queue.stuck, 0)::bigint AS outbox_stuck,
       coalesce(publisher.attempts, 0)::bigint AS publisher_attempts_total,
       coalesce(publisher.done, 0)::bigint AS publisher_sent_total,
       coalesce(publisher.failures, 0)::bigint AS publisher_failures_total,
       coalesce(publisher.duration_ms, 0)::bigint AS publish_duration_ms,
       coalesce(worker.attempts, 0)::bigint AS parse_attempts_total,
       coalesce(worker.done, 0)::bigint AS parsed_total,
       coalesce(worker.failures, 0)::bigint AS parse_failures_total,
       coalesce(worker.duration_ms, 0)::bigint AS parse_duration_ms,
       coalesce(worker.chunk_bytes, 0)::bigint AS chunk_bytes_total,
       (SELECT r.attempts_total FROM zero_admin.replay_state r) AS ops_replay_attempts_total,
       (SELECT r.committed_total FROM zero_admin.replay_state r) AS ops_replay_committed_total,
       -- One that nobody has probed for a day is of an endpoint that is no longer used.
       EXISTS (SELECT FROM zero_admin.delivery_breakers b WHERE b.state = 'open' AND b.probe_at > now() - interval '1 day') AS breaker_open,
       zero_admin.horizon_age_s() AS horizon_age_s,
       (SELECT count(*) FROM zero_admin.schema_version) AS schema_version,
       (extract(epoch FROM now()) * 1000)::bigint AS ts_ms
  FROM queue
  LEFT JOIN runners publisher ON publisher.name = 'publisher'
  LEFT JOIN runners worker ON worker.name = 'worker'
