-- The row of this runner: that of a copy of the same name, host and instance which has ended, or a new one.
-- Counters go on where that copy left them. Tells what there is to do, too: finding nothing is a success.
-- $1::uuid    its own row from before a reconnect, or the id for a new one
-- $2::text    name
-- $3::text    host
-- $4::text    instance
-- $5::int     process
-- $6::text    state (a timer tick is 'stopped' at once: it does not live to say so later)
-- $7::text[]  types to take (null: all)
-- $8::text[]  types to leave alone
-- $9::bigint  endpoint (null: none)
WITH seen AS MATERIALIZED (
    SELECT * FROM zero_admin.look($7::text[], $8::text[], $9::bigint)
), ended AS MATERIALIZED (
    SELECT r.id FROM zero_admin.runner_heartbeats r
     WHERE r.name = $2 AND r.host = $3 AND r.instance = $4
       AND (r.id = $1 OR r.state = 'stopped' OR r.loop_at < now() - interval '5 minutes')
     ORDER BY r.id <> $1, r.loop_at DESC LIMIT 1 FOR UPDATE SKIP LOCKED
), adopted AS (
    UPDATE zero_admin.runner_heartbeats r
       SET pid = $5, state = $6, started_at = now(), loop_at = now(), loops = r.loops + 1, backlog = seen.backlog,
           last_success_at = CASE WHEN seen.backlog = 0 AND NOT seen.suspects THEN now() ELSE r.last_success_at END
      FROM ended CROSS JOIN seen WHERE r.id = ended.id
    RETURNING r.id
), made AS (
    INSERT INTO zero_admin.runner_heartbeats (id, name, host, instance, pid, state, loops, backlog, last_success_at)
    SELECT $1, $2, $3, $4, $5, $6, 1, seen.backlog, CASE WHEN seen.backlog = 0 AND NOT seen.suspects THEN now() END
      FROM seen WHERE NOT EXISTS (SELECT FROM ended)
    RETURNING id
)
SELECT a.id FROM adopted a UNION ALL SELECT m.id FROM made m
