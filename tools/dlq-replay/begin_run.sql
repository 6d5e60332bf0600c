-- The audit row of a run, written before its first item; its outcome stays null until the run ends.
-- $1::uuid  run
-- $2::text  HMAC of the token
-- $3::text  id of the key
-- $4::text  host
-- $5::text  user
-- $6::int   user id
-- $7::text  action
-- $8::text  cause
-- $9::json  filter
-- $10::json  counts
INSERT INTO zero_admin.ops_audit (run_id, kind, actor_hash, key_id, host, os_user, os_uid, action, cause, filter, counts)
VALUES ($1, 'run', $2, $3, $4, $5, $6, $7, $8, $9::json, $10::json)
