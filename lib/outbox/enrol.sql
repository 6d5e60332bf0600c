-- A row for this runner, when there is none to take over. What there is to do, and the success of finding nothing, as in adopt.sql.
-- $1::uuid    its id
-- $2::text    name
-- $3::text    host
-- $4::text    instance
-- $5::int     process
-- $6::text    state
-- $7::text[]  types to take (null: all)
-- $8::text[]  types to leave alone
-- $9::bigint  endpoint (null: none)
INSERT INTO zero_admin.runner_heartbeats AS r (id, name, host, instance, pid, state, loops, backlog, last_success_at)
SELECT $1, $2, $3, $4, $5, $6, 1, l.backlog, CASE WHEN l.backlog = 0 AND NOT l.suspects THEN now() END
  FROM zero_admin.look($7::text[], $8::text[], $9::bigint) l
RETURNING r.id, r.last_success_at IS NULL AS work
