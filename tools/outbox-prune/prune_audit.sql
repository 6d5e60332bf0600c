-- Removes the oldest audit rows of a certain age.
-- $1::int  days
-- $2::int  how many at most
WITH old AS MATERIALIZED (
    SELECT a.id FROM zero_admin.ops_audit a WHERE a.at < now() - make_interval(days => $1) ORDER BY a.at LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM zero_admin.ops_audit a USING old WHERE a.id = old.id RETURNING a.id
)
SELECT count(*) FROM gone
