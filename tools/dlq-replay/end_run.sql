-- How a run ended.
-- $1::uuid  run
-- $2::text  outcome
-- $3::json  counts
UPDATE zero_admin.ops_audit a SET outcome = $2, counts = $3::json WHERE a.run_id = $1 AND a.kind = 'run'
