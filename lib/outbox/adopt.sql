-- Takes over the row of this runner: its own from before a reconnect, else that of a copy of the same name, host and
-- instance which has ended. Counters go on where that copy left them. Yields nothing when there is no such row.
-- Tells whether there is work, too: finding none is a success. A tick that finds none ends with that, and what it costs is
-- mostly the planning of this on a fresh connection. So look() is not inlined: it is planned only when the queue has rows.
-- $1::uuid    its own row
-- $2::text    name
-- $3::text    host
-- $4::text    instance
-- $5::int     process
-- $6::text    state (a timer tick is 'stopped' at once: it does not live to say so later)
-- $7::text[]  types to take (null: all)
-- $8::text[]  types to leave alone
-- $9::bigint  endpoint (null: none)
WITH seen AS MATERIALIZED (
    SELECT zero_admin.look($7::text[], $8::text[], $9::bigint) AS work
     WHERE (SELECT true FROM zero_admin.outbox_queue q ORDER BY q.id LIMIT 1)
)
UPDATE zero_admin.runner_heartbeats r
   SET pid = $5, state = $6, started_at = now(), loop_at = now(), loops = r.loops + 1,
       backlog = coalesce((SELECT (work).backlog FROM seen), 0),
       last_success_at = CASE WHEN (SELECT (work).backlog > 0 OR (work).suspects FROM seen) THEN r.last_success_at ELSE now() END
 WHERE r.id = (SELECT o.id FROM zero_admin.runner_heartbeats o
                WHERE o.name = $2 AND o.host = $3 AND o.instance = $4
                  AND (o.id = $1 OR o.state = 'stopped' OR o.loop_at < now() - interval '5 minutes')
                ORDER BY o.id <> $1, o.loop_at DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING r.id, coalesce((SELECT (work).backlog > 0 OR (work).suspects FROM seen), false) AS work
