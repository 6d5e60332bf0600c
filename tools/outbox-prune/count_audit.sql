-- How many audit rows prune_audit.sql would remove.
-- $1::int  days
SELECT count(*) FROM zero_admin.ops_audit a WHERE a.at < now() - make_interval(days => $1)
