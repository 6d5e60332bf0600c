-- Takes the lease of replays, if nobody has it; yields a row then.
-- $1::uuid  this run
-- $2::text  host
-- $3::int   length of the lease in seconds
UPDATE zero_admin.replay_state s
   SET run_id = $1, host = $2, lease_until = now() + make_interval(secs => $3)
 WHERE s.run_id IS NULL OR s.lease_until < now()
RETURNING s.run_id
