-- Gives the lease of replays back, if it is still this run's.
-- $1::uuid  this run
UPDATE zero_admin.replay_state s SET run_id = NULL, host = NULL, lease_until = NULL WHERE s.run_id = $1
