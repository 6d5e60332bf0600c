-- A row for this runner, when there is none to take over. Whether the queue holds anything, and the success of finding it empty, as in adopt.sql.
-- $1::uuid  its id
-- $2::text  name
-- $3::text  host
-- $4::text  instance
-- $5::int   process
-- $6::text  state
INSERT INTO zero_admin.runner_heartbeats AS r (id, name, host, instance, pid, state, loops, backlog, last_success_at)
SELECT $1, $2, $3, $4, $5, $6, 1, 0, CASE WHEN NOT queue.filled THEN now() END
  FROM (SELECT (SELECT true FROM zero_admin.outbox_queue q ORDER BY q.id LIMIT 1) IS NOT NULL AS filled) queue
RETURNING r.id, r.last_success_at IS NULL AS filled
