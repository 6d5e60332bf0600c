-- Takes over the row of this runner: its own from before a reconnect, else that of a copy of the same name, host and
-- instance which has ended. Counters go on where that copy left them. Yields nothing when there is no such row.
-- Tells whether the queue holds anything, too: finding it empty is a success. A tick that finds it so ends with that, and what it
-- costs is mostly the planning of this on a fresh connection. What is in the queue is for look.sql to tell.
-- $1::uuid  its own row
-- $2::text  name
-- $3::text  host
-- $4::text  instance
-- $5::int   process
-- $6::text  state (a timer tick is 'stopped' at once: it does not live to say so later)
WITH queue AS MATERIALIZED (
    SELECT (SELECT true FROM zero_admin.outbox_queue q ORDER BY q.id LIMIT 1) IS NOT NULL AS filled
)
UPDATE zero_admin.runner_heartbeats r
   SET pid = $5, state = $6, started_at = now(), loop_at = now(), loops = r.loops + 1,
       backlog = CASE WHEN queue.filled THEN r.backlog ELSE 0 END,
       last_success_at = CASE WHEN queue.filled THEN r.last_success_at ELSE now() END
  FROM queue
 WHERE r.id = (SELECT o.id FROM zero_admin.runner_heartbeats o
                WHERE o.name = $2 AND o.host = $3 AND o.instance = $4
                  AND (o.id = $1 OR o.state = 'stopped' OR o.loop_at < now() - interval '5 minutes')
                ORDER BY o.id <> $1, o.loop_at DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING r.id, queue.filled
